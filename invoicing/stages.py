"""Changes of stage that were seen: a quote accepted, a deal won; noted with the reading that showed them.

Noted in the reading's own transaction, whoever read: the poll, a hint from CRM, or a worker before a draft. What was in
its stage already when it was first read was seen by nobody: it never bills itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Connection
from invoicing.domain.auto_billing import FirstSight, Rule, was_seen_changing
from invoicing.models import Deal, Quote
from invoicing.sales import terms_of
from syncjobs.absorbing import Absorbed
from syncjobs.columns import instant, look_up
from zbridge.queue import ring

BILL = "invoicing.tasks.bill_by_themselves"


@dataclass
class Reading:
    """One page as Zoho sent it, before it is stored: whose rows, when, and what only the raw rows tell."""

    connection: Connection
    rows: list[dict[str, Any]]
    now: datetime
    made_at: dict[str, datetime | None] = field(default_factory=dict)
    changed_by: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            self.made_at[str(row.get("id"))] = instant(row.get("Created_Time"))
            self.changed_by[str(row.get("id"))] = look_up(row, "Modified_By", "name")[:150]

    def quotes_before(self) -> dict[str, Quote]:
        """As the mirror had them, by their id in CRM."""
        rows = Quote.objects.filter(connection=self.connection, crm_id__in=list(self.made_at))
        return {row.crm_id: row for row in rows.only("crm_id", "stage", "accepted_seen_at")}

    def deals_before(self) -> dict[str, str]:
        """Their outcomes as the mirror had them."""
        rows = Deal.objects.filter(connection=self.connection, crm_id__in=list(self.made_at))
        return dict(rows.values_list("crm_id", "outcome"))


# -- quotes ------------------------------------------------------------------------------------------------------------


def note_quotes(seen: Reading, known: Mapping[str, Quote], absorbed: Absorbed) -> None:
    """Which quotes came into an accepted stage, and which left it; in the caller's transaction."""
    moved = absorbed.created + absorbed.updated
    if not moved:
        return
    rows = Quote.objects.filter(connection=seen.connection, crm_id__in=moved)
    rows.update(judged_at=None)
    rows.exclude(stage__in=seen.connection.accepted_stages).exclude(accepted_seen_at=None).update(
        accepted_seen_at=None, accepted_before=False, accepted_by="", accepted_as="", auto_state=""
    )
    fresh = list(rows.filter(stage__in=seen.connection.accepted_stages, accepted_seen_at=None))
    at_once = sum(1 for row in fresh if row.crm_id not in known)
    for row in fresh:
        _accept(row, seen, known.get(row.crm_id), at_once)
    _ring(seen.connection, seen.connection.bill_quotes_since is not None and _any_accepted(rows))


def _any_accepted(rows: "QuerySet[Quote]") -> bool:
    return rows.exclude(accepted_seen_at=None).exists()


def _accept(row: Quote, seen: Reading, before: Quote | None, at_once: int) -> None:
    row.accepted_seen_at, row.auto_state = seen.now, ""
    row.accepted_by = seen.changed_by.get(row.crm_id, "")
    row.accepted_as = terms_of(seen.connection, row)
    # Its stage is accepted only since a setting changed: nobody saw the quote change.
    unmoved = before is not None and before.stage == row.stage
    sight = FirstSight(seen.made_at.get(row.crm_id), at_once, _looks_cloned(row) if before is None else False)
    rule = Rule(seen.connection.bill_quotes_since, seen.connection.go_live)
    row.accepted_before = unmoved or before is None and not was_seen_changing(sight, rule)
    row.save(update_fields=["accepted_seen_at", "accepted_before", "accepted_by", "accepted_as", "auto_state"])


def _looks_cloned(row: Quote) -> bool:
    """Whether an accepted quote of the same account comes to the same: a copy made in CRM has its stage, too."""
    alike = Quote.objects.filter(connection=row.connection, account_id=row.account_id, total=row.total)
    return alike.exclude(pk=row.pk).exclude(accepted_seen_at=None).exists()


def catch_up(connection: Connection, now: datetime) -> int:
    """Quotes that a changed setting made accepted: noted as accepted before; how many."""
    rows = Quote.objects.filter(connection=connection, stage__in=connection.accepted_stages, accepted_seen_at=None)
    found = list(rows.filter(gone_at=None)[:500])
    for row in found:
        row.accepted_seen_at, row.accepted_before, row.accepted_as = now, True, terms_of(connection, row)
    Quote.objects.bulk_update(found, ["accepted_seen_at", "accepted_before", "accepted_as"])
    return len(found)


# -- deals -------------------------------------------------------------------------------------------------------------


def note_deals(seen: Reading, known: Mapping[str, str], absorbed: Absorbed) -> None:
    """Which deals were won, and which no longer are; in the caller's transaction."""
    moved = absorbed.created + absorbed.updated
    rows = Deal.objects.filter(connection=seen.connection, crm_id__in=moved)
    rows.exclude(outcome=Deal.Outcome.WON).exclude(won_change_at=None).update(won_change_at=None, auto_state="")
    won = list(rows.filter(outcome=Deal.Outcome.WON, won_change_at=None).only("pk", "crm_id", "pipeline"))
    at_once = sum(1 for row in won if row.crm_id not in known)
    fresh = [row.pk for row in won if _was_seen_won(row, seen, known, at_once)]
    if fresh:
        Deal.objects.filter(pk__in=fresh).update(won_change_at=seen.now, auto_state="")
    pipelines = seen.connection.bill_pipelines
    _ring(seen.connection, bool(moved and pipelines) and rows.filter(pipeline__in=list(pipelines)).exists())


def _was_seen_won(row: Deal, seen: Reading, known: Mapping[str, str], at_once: int) -> bool:
    before = known.get(row.crm_id)
    if before is not None:
        return before != Deal.Outcome.WON
    since = since_of(seen.connection, row.pipeline)
    return was_seen_changing(FirstSight(seen.made_at.get(row.crm_id), at_once), Rule(since, seen.connection.go_live))


def since_of(connection: Connection, pipeline: str) -> datetime | None:
    """Since when the won deals of a pipeline bill themselves; None while they don't."""
    written = connection.bill_pipelines.get(pipeline)
    return datetime.fromisoformat(written) if written else None


def _ring(connection: Connection, wanted: bool) -> None:
    if wanted:
        ring(BILL, connection.pk, queue="bulk")
