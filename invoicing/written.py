"""Keeps what CRM was told of figures, and what it refused, with the reason and when it is tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.figure_fields import Place
from accounts.models import Connection
from invoicing import drifting
from invoicing.models import Deal, Written
from invoicing.noticing import CAUSE
from syncjobs import reading
from syncjobs.domain.normalising import normal_name
from syncjobs.models import Entry, Record, Run
from syncjobs.models.runs import listed
from syncjobs.services import close_problems, open_problem
from zbridge.clock import Clock
from zbridge.zoho.crm_rows import RowResult
from zbridge.zoho.errors import Locked, NotFound, ZohoError

LOCKED_FOR, REFUSED_FOR = timedelta(minutes=10), timedelta(hours=1)
Texts = Mapping[str, str]
Told = tuple[Written, Texts, RowResult]


def differs(row: Written, now: Texts) -> bool:
    """Whether CRM was told otherwise; a field that isn't written any more makes no difference."""
    return any(row.values.get(key) != text for key, text in now.items())


def as_of(row: Written, now: Texts, at: datetime) -> datetime:
    """When the figures last changed; a field that is filled for the first time changes none."""
    same = all(row.values.get(key, text) == text for key, text in now.items())
    return row.changed_at if same and row.changed_at else at


def settle(rows: Sequence[Written]) -> None:
    """Nothing of these is to be written; one that moved meanwhile stays due."""
    for since in {row.due_since for row in rows}:
        ids = [row.pk for row in rows if row.due_since == since]
        Written.objects.filter(pk__in=ids, due_since=since).update(due_since=None, hold="", hold_until=None)


def keep_one(connection: Connection, kind: str, crm_id: str, texts: Texts, now: datetime) -> None:
    """CRM was told this, outside of a run."""
    told = {"values": dict(texts), "changed_at": now, "written_at": now, "hold": "", "hold_until": None}
    Written.objects.update_or_create(
        connection=connection, kind=kind, crm_id=crm_id, defaults=told | {"due_since": None, "gone_at": None}
    )


@dataclass(frozen=True)
class Refused:
    """Why one record wasn't written, and after how long it is tried again; never, where it is gone."""

    sentence: str
    again: timedelta | None
    outcome: Entry.Outcome = Entry.Outcome.SKIPPED

    @property
    def gone(self) -> bool:
        return self.again is None


def refused(name: str, error: ZohoError) -> Refused:
    """A locked record waits, one that is gone isn't asked for again, anything else is tried in an hour."""
    if isinstance(error, Locked):
        said = f"{name} is locked in CRM, so its figures wait; they are written as soon as it is free."
        return Refused(said, LOCKED_FOR)
    if isinstance(error, NotFound) or error.field == "id":
        return Refused(
            f"{name} is no longer in CRM, so its figures are not written any more. Books is as it was.", None
        )
    said = (error.message or error.sentence).rstrip(".")
    sentence = f"CRM refused the figures of {name}: {said}. They are tried again within the hour."
    return Refused(sentence, REFUSED_FOR, Entry.Outcome.FAILED)


@dataclass(frozen=True)
class Named:
    """What a record is called, and by which id problems name it."""

    name: str
    subject: str


@dataclass(frozen=True)
class Ended:
    """How one call of a run ended, row by row. `at`: the business time at which the figures were so."""

    run: Run
    kind: Written.Kind
    places: Sequence[Place]
    at: datetime
    clock: Clock

    def keep(self, told: Sequence[Told]) -> None:
        """Keep all rows' ends, what happened to each, and the run's counts; in one transaction."""
        names = self._names([row.crm_id for row, _, _ in told])
        with transaction.atomic():
            counts = {"updated": 0, "skipped": 0, "failed": 0}
            for row, texts, result in told:
                named = names.get(row.crm_id) or Named(row.crm_id, row.crm_id)
                counts[self._one(row, texts, result, named)] += 1
            more = {name: F(name) + number for name, number in counts.items()}
            reading.note(
                self.run, self.clock, **more, done=F("done") + len(told), writes=F("writes") + counts["updated"]
            )

    def _one(self, row: Written, texts: Texts, result: RowResult, named: Named) -> str:
        if result.error is None:
            self._written(row, texts, named)
            return "updated"
        return self._refused(row, result.error, named)

    def _written(self, row: Written, texts: Texts, named: Named) -> None:
        mine = Written.objects.filter(pk=row.pk)
        since = as_of(row, texts, self.at)
        mine.update(values=dict(texts), changed_at=since, written_at=self.at, hold="", hold_until=None)
        mine.filter(due_since=row.due_since).update(due_since=None)
        titles = {one.key: one.meaning.title for one in self.places}
        changed = {key: text for key, text in texts.items() if row.values.get(key) != text}
        before = {titles[key]: row.values.get(key, "") for key in changed}
        self._enter(row, named, Entry.Outcome.UPDATED, before, {titles[key]: text for key, text in changed.items()})
        if row.hold:
            close_problems(self.run.connection, self.kind, named.subject, self.clock.now(), CAUSE)

    def _enter(self, row: Written, named: Named, outcome: str, before: Texts, after: Texts, cause: str = "") -> None:
        Entry.objects.create(
            run=self.run, kind=self.kind, remote_id=row.crm_id, outcome=outcome, at=self.at, name=named.name[:300],
            name_key=normal_name(named.name)[:300], before=before, after=after, fields=listed(after), cause=cause[:300],
        )  # fmt: skip

    # -- refused -------------------------------------------------------------------------------------------------------

    def _refused(self, row: Written, error: ZohoError, named: Named) -> str:
        """Keep why, tell it, and say under which count it goes."""
        connection, found = self.run.connection, refused(named.name, error)
        until = self.clock.now() + found.again if found.again else None
        ended = {"due_since": None, "gone_at": self.at} if found.gone else {}
        Written.objects.filter(pk=row.pk).update(hold=found.sentence[:300], hold_until=until, **ended)
        if found.gone and self.kind == Written.Kind.DEAL:
            drifting.deals_gone(connection, [row.crm_id], self.at)
        self._enter(row, named, found.outcome, {}, {}, found.sentence)
        subject = (self.kind, named.subject, named.name)
        open_problem(connection, CAUSE, subject, "revops", found.sentence, now=self.clock.now())
        return str(found.outcome)

    def _names(self, crm_ids: Sequence[str]) -> dict[str, Named]:
        """By CRM id; problems name a deal by its own page's id, and an account by CRM's."""
        connection = self.run.connection
        if self.kind == Written.Kind.DEAL:
            deals = Deal.objects.filter(connection=connection, crm_id__in=crm_ids).values_list("crm_id", "name", "pk")
            return {crm_id: Named(name, str(pk)) for crm_id, name, pk in deals}
        rows = Record.objects.filter(connection=connection, kind=Record.Kind.ACCOUNT, remote_id__in=crm_ids)
        return {one: Named(name, one) for one, name in rows.values_list("remote_id", "name")}
