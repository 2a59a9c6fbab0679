"""Applying a plan: exactly its writes, each saved with its end as soon as it is known; what moved meanwhile is left.

CRM: up to a hundred changes a call, refused row by row where a record was changed after it was read. Books has no such
lock: each record is read, compared with what the plan saw, written, and compared again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.clients import Clients
from syncjobs import email_fill
from syncjobs.domain import mapping as rules
from syncjobs.domain.bodies import books_body, contact_person_body, crm_row, person_body
from syncjobs.domain.causes import cause_of
from syncjobs.domain.email_fill import EMAIL
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.pairs import MODULES, kinds_of
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit
from syncjobs.keeping import keep_lost, keep_undone, keep_written, nothing_lost, settle_earlier
from syncjobs.key_plans import key_field
from syncjobs.making import Made, Maker, Values
from syncjobs.mappings import fields_of
from syncjobs.models import Checkpoint, Mapping, Plan, PlannedWrite, Record
from syncjobs.reading import Reader
from zbridge.zoho.crm_rows import RowResult
from zbridge.zoho.errors import AlreadyModified, Locked, NotFound, OutcomeUnknown, Rejected, ZohoError

BATCH = 100
WORK_SECONDS = 60.0
Outcome = PlannedWrite.Outcome


class Applier:
    """One turn of a plan's writes. `renew` keeps the work ours before each send; it raises when it is another's."""

    def __init__(self, plan: Plan, reader: Reader, renew: Callable[[], None]) -> None:
        self.plan = plan
        self.reader = reader
        self.renew = renew
        self.clients: Clients = reader.clients(plan.connection)
        mapping = Mapping.objects.get(connection=plan.connection, pair=plan.pair)
        self.fields = {one.name: one for one in (*fields_of(mapping), EMAIL, *key_field(plan.connection))}
        self.crm_kind, self.books_kind = kinds_of(plan.pair, plan.connection.parties)

    def turn(self) -> bool:
        """Write for at most a minute; True when nothing is left. Raises ZohoError when Zoho can't be asked."""
        until = self.reader.clock.monotonic() + WORK_SECONDS
        while self.reader.clock.monotonic() < until:
            batch = self._next()
            if not batch:
                return True
            if not batch[0].remote_id:
                self._make(batch)
            elif batch[0].side == Side.CRM:
                self._change_in_crm(batch)
            else:
                self._write_one(batch[0])
            self.reader.point("plan written")
        return not self._next()

    def _next(self) -> list[PlannedWrite]:
        """The next writes that go together: CRM's changes, then what CRM gets, by the hundred; all else one by one."""
        left = self.plan.writes.filter(outcome="").select_related("link").order_by("position")
        in_crm = left.filter(side=Side.CRM)
        return list(in_crm.exclude(remote_id="")[:BATCH]) or list(in_crm[:BATCH]) or list(left[:1])

    # -- CRM ---------------------------------------------------------------------------------------------------------

    def _change_in_crm(self, batch: Sequence[PlannedWrite]) -> None:
        fitting = [(write, values) for write in batch if (values := self._values(write)) is not None]
        if not fitting:
            return
        rows = [crm_row(write.remote_id, values) for write, values in fitting]
        module = MODULES[self.crm_kind]
        self.renew()
        self._about_to_send([write for write, _ in fitting])
        found = self.clients.crm.update_records(module, rows, unmodified_since=self._seen_until())
        for (write, _), result in zip(fitting, found, strict=True):
            self._end_of_row(write, result)

    def _about_to_send(self, writes: Sequence[PlannedWrite]) -> None:
        """Keep what they overwrite, and that they left."""
        with transaction.atomic():
            PlannedWrite.objects.filter(pk__in=[write.pk for write in writes]).update(sends=F("sends") + 1)
            for write in writes:
                keep_lost(self.plan, write, self.reader.clock.now())

    def _seen_until(self) -> datetime | None:
        """The second before CRM's list was last read: a row changed later may have been changed unseen by the plan.

        CRM's stamps have whole seconds, so what changed within the second of the reading counts as changed after it.
        """
        row = Checkpoint.objects.filter(connection=self.plan.connection, kind=self.crm_kind).first()
        return row.until - timedelta(seconds=1) if row and row.until else None

    def _end_of_row(self, write: PlannedWrite, result: RowResult) -> None:
        if result.ok:
            self._written(write, result.id)
        else:
            self._failed(write, result.error)

    # -- what a side lacks -------------------------------------------------------------------------------------------

    def _make(self, batch: Sequence[PlannedWrite]) -> None:
        fitting = [(write, values) for write in batch if (values := self._values(write)) is not None]
        if not fitting:
            return
        maker = Maker(self.plan.connection, self.plan.pair, self.clients, self.reader, self.renew)
        if batch[0].side == Side.CRM:
            ended = maker.in_crm([(write.from_id, values) for write, values in fitting])
        else:
            ended = [maker.in_books(write.from_id, values) for write, values in fitting]
        for (write, _), made in zip(fitting, ended, strict=True):
            self._end_of_making(write, made)

    def _end_of_making(self, write: PlannedWrite, made: Made) -> None:
        if made.identity:
            self._written(write, made.identity, whole=made.whole)
        else:
            ended = (Outcome.HELD, made.held) if made.held else (Outcome.REFUSED, made.refused)
            self._end(write, *ended, made.trouble)

    # -- one by one --------------------------------------------------------------------------------------------------

    def _write_one(self, write: PlannedWrite) -> None:
        values = self._values(write)
        if values is None:
            return
        try:
            identity = self._change_in_books(write, values)
        except (AlreadyModified, Locked, NotFound, Rejected, OutcomeUnknown) as trouble:
            self._failed(write, trouble)
        else:
            if identity:
                self._written(write, identity)

    def _change_in_books(self, write: PlannedWrite, values: Values) -> str:
        """Read, compare, write, compare; the id, or empty when it was left alone."""
        current = self._read(write.remote_id)
        if current is None:
            self._end(write, Outcome.MOVED, "It is no longer in Books.")
            return ""
        now = {change["field"]: self._now(change["field"], current) for change in write.changes}
        if all(now[change["field"]] == change["after"] for change in write.changes):
            return write.remote_id
        moved = [change["field"] for change in write.changes if now[change["field"]] != change["before"]]
        if moved:
            labels = ", ".join(self.fields[name].label for name in moved)
            self._end(write, Outcome.MOVED, f"Changed in Books since the plan was made: {labels}.")
            return ""
        self.renew()
        self._about_to_send([write])
        self._put(write.remote_id, current, values)
        return write.remote_id

    def _read(self, identity: str) -> dict[str, Any] | None:
        books = self.clients.books
        if self.books_kind == "person":
            rows = (books.contact(self._customer_of(identity)) or {}).get("contact_persons") or ()
            return next((row for row in rows if str(row.get("contact_person_id")) == identity), None)
        return books.contact(identity) if self.books_kind == "customer" else books.item(identity)

    def _customer_of(self, person_id: str) -> str:
        """The customer of a contact person, as last read."""
        rows = Record.objects.filter(connection=self.plan.connection, kind="person", remote_id=person_id)
        return rows.values_list("parent_id", flat=True).first() or ""

    def _put(self, identity: str, current: dict[str, Any], values: Values) -> None:
        books = self.clients.books
        if self.books_kind == "item":
            books.update_item(identity, books_body(current, values))
            return
        if self.books_kind == "person":
            body = contact_person_body(current, values)
            books.keep_contact_person(self._customer_of(identity), identity, body)
            return
        if any(not path.startswith(rules.PRIMARY) for path, _ in values):
            books.update_contact(identity, books_body(current, values))
        person, body = person_body(current, values)
        if body:
            books.keep_contact_person(identity, person, body)

    def _now(self, name: str, row: dict[str, Any]) -> str:
        try:
            return rules.read(self.fields[name], Side.BOOKS, row)
        except Unfit:
            return ""

    # -- ends --------------------------------------------------------------------------------------------------------

    def _values(self, write: PlannedWrite) -> Values | None:
        """Path and JSON value of each change; None when one no longer fits, which ends the write."""
        side = Side(write.side)
        try:
            return [_value(self.fields[change["field"]], side, change["after"]) for change in write.changes]
        except KeyError as gone:
            self._end(write, Outcome.REFUSED, f"The mapping has no field {gone} any more.")
        except Unfit as trouble:
            self._end(write, Outcome.REFUSED, str(trouble))
        return None

    def _written(self, write: PlannedWrite, identity: str, whole: bool = True) -> None:
        with transaction.atomic():
            if self.plan.purpose == Plan.Purpose.UNDO:
                keep_undone(self.plan, write, self.reader.clock.now())
            if write.changes and write.changes[0]["field"] == EMAIL.name:
                email_fill.filled(self.plan, write)
            elif self.plan.purpose not in (Plan.Purpose.UNDO, Plan.Purpose.SIGN):
                keep_written(self.plan, write, identity, self.reader.clock, whole)
            self._end(write, Outcome.WRITTEN, "")

    def _failed(self, write: PlannedWrite, trouble: ZohoError | None) -> None:
        if isinstance(trouble, AlreadyModified):
            self._end(write, Outcome.MOVED, "Changed there since the plan was made; it was left alone.", trouble)
        elif isinstance(trouble, OutcomeUnknown):
            said = "The answer was lost; the next reading shows whether it was written."
            self._end(write, Outcome.HELD, said, trouble)
        else:
            self._end(write, Outcome.REFUSED, trouble.sentence if trouble else "Zoho refused it.", trouble)

    def _end(self, write: PlannedWrite, outcome: str, sentence: str, trouble: ZohoError | None = None) -> None:
        code, blamed = (str(trouble.code or ""), trouble.field) if trouble else ("", "")
        ended = {"outcome": outcome, "sentence": sentence[:300], "ended_at": self.reader.clock.now()}
        if outcome != Outcome.WRITTEN:
            ended |= {"code": code[:60], "blamed": blamed[:120], "cause": cause_of(outcome, code, sentence)}
        with transaction.atomic():
            if self.plan.purpose != Plan.Purpose.UNDO:
                settle_earlier(self.plan, write)
            PlannedWrite.objects.filter(pk=write.pk, outcome="").update(**ended, failing=outcome != Outcome.WRITTEN)
            # A worker that died may have sent it before: what was kept then stays.
            if outcome in (Outcome.MOVED, Outcome.REFUSED) and write.sends == 0:
                nothing_lost(self.plan, write)


def _value(one: FieldMap, side: Side, text: str) -> tuple[str, Any]:
    return one.path(side), rules.written(one, side, text)


def start(plan: Plan, user: Any, now: datetime) -> bool:
    """Claim the plan for applying, a stopped one on a person's word; False when it was applied or dropped meanwhile."""
    claimed = Plan.objects.filter(pk=plan.pk, state__in=[Plan.State.MADE, Plan.State.STOPPED])
    return bool(claimed.update(state=Plan.State.APPLYING, applied_at=now, applied_by=user))


def finish(plan: Plan) -> None:
    """All its writes have ended."""
    Plan.objects.filter(pk=plan.pk, state=Plan.State.APPLYING).update(state=Plan.State.APPLIED)
