"""Bugs planted on purpose, one at a time: the torture chamber is worth nothing if it lets one of them live.

Each takes one layer of the protocol away, as careless code would; all other layers stay.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from invoicing import claims, conversion, pushing, resolving, sending, services
from invoicing.claims import WORKABLE, Claim
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from syncjobs import applying, reading
from syncjobs.applying import Applier
from syncjobs.domain import ownership
from syncjobs.domain.records import Side
from syncjobs.feeds import Feed
from syncjobs.keeping import keep_written
from syncjobs.models import Attempt, Checkpoint, Run
from zbridge.clock import Clock
from zbridge.zoho import calling
from zbridge.zoho.books import Books
from zbridge.zoho.errors import OutcomeUnknown, ZohoError

Patch = pytest.MonkeyPatch
Row = dict[str, Any]


def no_lease(patch: Patch) -> None:
    """Whoever comes works, whether somebody else is at it or not."""
    patch.setattr(claims, "due", lambda now: Q(state__in=WORKABLE))


def no_epoch_check(patch: Patch) -> None:
    """A worker that was taken for dead goes on writing."""

    def save(self: Claim, **columns: object) -> None:
        Conversion.objects.filter(pk=self.row.pk).update(**columns)
        for name, value in columns.items():
            setattr(self.row, name, value)

    patch.setattr(Claim, "save", save)


def random_key(patch: Patch) -> None:
    """The key comes from the click instead of the sale."""
    patch.setattr(services, "conversion_key", lambda *sale: f"ZB-{secrets.token_hex(10).upper()}")


def no_intent(patch: Patch) -> None:
    """Nothing is written down before the POST."""

    def forgets(claim: Claim, bench: Workbench) -> Attempt:
        return Attempt(connection=claim.row.connection, purpose="invoice", key=claim.row.key, number=1)

    patch.setattr(sending, "_write_intent", forgets)


def upsert_retry(patch: Patch) -> None:
    """The draft is sent as an update-or-create, which a repeat would lay over finance's edits."""

    def upsert(self: Books, body: Mapping[str, Any]) -> Row:
        headers = {"X-Unique-Identifier-Key": "cf_zbridge_key", "X-Upsert": "true"}
        reply = self._caller.change("PUT", "/books/v3/invoices", body, headers=headers)
        found: Row = reply.json["invoice"]
        return found

    patch.setattr(calling, "check_allowed", lambda call: None)
    patch.setattr(Books, "create_draft_invoice", upsert)


def blind_retry(patch: Patch) -> None:
    """After a lost answer the client simply sends again."""
    real = Books.create_draft_invoice

    def twice(self: Books, body: Mapping[str, Any]) -> Row:
        try:
            return real(self, body)
        except OutcomeUnknown:
            return real(self, body)

    patch.setattr(Books, "create_draft_invoice", twice)


def look_up_error_means_none(patch: Patch) -> None:
    """A look-up that failed counts as "not there"."""
    real = resolving.with_key

    def careless(books: Books, row: Conversion) -> list[Row]:
        try:
            return real(books, row)
        except ZohoError:
            return []

    patch.setattr(resolving, "with_key", careless)


def unknown_means_failed(patch: Patch) -> None:
    """A lost answer counts as "it did not work", so it is sent again."""

    def careless(claim: Claim, bench: Workbench, attempt: Attempt, trouble: ZohoError) -> None:
        Attempt.objects.filter(pk=attempt.pk).update(outcome="FAIL", ended_at=bench.clock.now())
        claim.save(state="prepared")
        raise trouble

    patch.setattr(sending, "_record_trouble", careless)


def acknowledged_first(patch: Patch) -> None:
    """It is called done before the number stands on the deal."""

    def hasty(claim: Claim, bench: Workbench) -> None:
        row = claim.row
        claim.end(Conversion.State.DONE)
        bench.point("written back")
        if row.deal is not None:
            pushing.write_deal(row.connection, row.deal.crm_id, bench.clients(row.connection), bench.clock)

    patch.setitem(conversion.STEPS, "drafted", hasty)


def catches_everything(patch: Patch) -> None:
    """`except BaseException`: a worker that is told to die says "that went wrong" and goes on."""
    real = conversion._step

    def clings(claim: Claim, bench: Workbench) -> None:
        try:
            real(claim, bench)
        except BaseException:  # noqa: BLE001  (that is the bug)
            bench.point("trouble noted")
            claim.wait(bench.clock.now(), hold="Something went wrong.")

    patch.setattr(conversion, "_step", clings)


def presumes_failure_of_the_dead(patch: Patch) -> None:
    """What a dead worker had sent counts as not sent."""

    def careless(claim: Claim, bench: Workbench) -> None:
        Attempt.objects.filter(key=claim.row.key, outcome="").update(outcome="FAIL", ended_at=bench.clock.now())
        claim.save(state="prepared")

    patch.setitem(conversion.STEPS, "sending", careless)


def payload_made_anew(patch: Patch) -> None:
    """What is posted is worked out again instead of what was frozen."""
    real = Books.create_draft_invoice

    def anew(self: Books, body: Mapping[str, Any]) -> Row:
        return real(self, {**body, "notes": "As of now"})

    patch.setattr(Books, "create_draft_invoice", anew)


# Each with the words of the check that must see it: one that only breaks something else is not caught.
PLANTED: dict[Callable[[Patch], None], str] = {
    no_lease: "while another worker's lease ran",
    no_epoch_check: "without regard to its epoch",
    random_key: "that has its key",
    no_intent: "without a conversion in sending",
    upsert_retry: "with X-Upsert",
    blind_retry: "posted twice under one intent",
    look_up_error_means_none: "answered look-ups",
    unknown_means_failed: "answered look-ups",
    acknowledged_first: "is done and its deal says",
    catches_everything: "a killed worker lived on",
    presumes_failure_of_the_dead: "answered look-ups",
    payload_made_anew: "not what was frozen",
}


# -- keeping two records the same --------------------------------------------------------------------------------------


def cursor_early(patch: Patch) -> None:
    """How far the listing got moves on when the window opens, before a row is read, and a restart believes it."""

    def hasty(run: Run, feed: Feed, clock: Clock) -> Checkpoint:
        checkpoint, _ = Checkpoint.objects.get_or_create(connection=run.connection, kind=feed.kind)
        checkpoint.place, checkpoint.since = None, checkpoint.watermark
        checkpoint.until = checkpoint.watermark = run.connection.now(clock)
        checkpoint.save()
        Run.objects.filter(pk=run.pk).update(started_at=clock.now())
        return checkpoint

    patch.setattr(reading, "_open_window", hasty)


def later_instead_of_from(patch: Patch) -> None:
    """`>` for `>=`, without overlap: what changed in the watermark's own second is never read."""
    patch.setattr(reading, "OVERLAP", timedelta(seconds=-1))


def base_before_the_write(patch: Patch) -> None:
    """Both sides are said to agree before the write is made."""
    real = Applier._put

    def hasty(self: Applier, identity: str, current: Row, values: Any) -> None:
        write = self.plan.writes.filter(remote_id=identity, outcome="").first()
        if write is not None:
            keep_written(self.plan, write, identity, self.reader.clock)
            self.reader.point("base moved")
        real(self, identity, current, values)

    patch.setattr(Applier, "_put", hasty)


def no_echo_check(patch: Patch) -> None:
    """What both sides say already, since zbridge wrote it, is taken for an edit and written once more."""
    real = ownership.decide

    def deaf(owner: Any, values: Any, **more: Any) -> Any:
        if values.crm == values.books and values.changed(Side.BOOKS):
            return ownership.Take(Side.BOOKS, values.books)
        return real(owner, values, **more)

    patch.setattr(ownership, "decide", deaf)


def loser_forgotten(patch: Patch) -> None:
    """The value that was written over is kept nowhere."""
    patch.setattr(applying, "keep_lost", lambda *what: None)


def owner_ignored(patch: Patch) -> None:
    """Whoever changed a field last is right, whoever owns it."""
    real = ownership.decide
    patch.setattr(ownership, "decide", lambda owner, values, **more: real(ownership.Owner.ASK, values, **more))


PLANTED_IN_SYNC: dict[Callable[[Patch], None], str] = {
    cursor_early: "missed: ",
    later_instead_of_from: "missed: ",
    base_before_the_write: "lost: ",
    no_echo_check: "an echo",
    loser_forgotten: "lost: ",
    owner_ignored: "which owns it",
}
