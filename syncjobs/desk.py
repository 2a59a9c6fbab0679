"""What the pages of conflicts, kept values and plans show, and who may decide what. Read from our own tables only."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import may
from syncjobs import key_plans
from syncjobs.default_mapping import is_guarded
from syncjobs.domain.email_fill import EMAIL
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import RUN_KINDS
from syncjobs.models import Conflict, KeptValue, MappedField, Plan, PlannedWrite
from syncjobs.services import under_way_or_none
from syncjobs.words import RULES

MOST_WRITES = 200


def line_of(connection_id: int, pair: str, field: str) -> MappedField | None:
    """The mapped line that a conflict or kept value is about; None when it is mapped no more."""
    rows = MappedField.objects.filter(mapping__connection=connection_id, mapping__pair=pair, name=field)
    return rows.first()


def may_settle(user: User, pair: str, line: MappedField | None, field: str) -> bool:
    """RevOps settles all; finance prices, taxes, limits and currencies."""
    money = is_guarded(field, *((line.crm, line.books) if line else ()))
    return may(user, "settle") or money and may(user, "settle_money")


def may_apply(user: User, plan: Plan) -> bool:
    """RevOps applies any plan; finance one that aligns prices or fills e-mails, which are hers to decide."""
    if plan.purpose == Plan.Purpose.FILL and may(user, "decide"):
        return True
    return may(user, "run") or plan.purpose == Plan.Purpose.ALIGN and may(user, "settle_money")


def alike(row: Conflict) -> Any:
    """Other open questions about the same field of the same kind."""
    return Conflict.objects.filter(
        connection=row.connection_id, pair=row.pair, field=row.field, closed_at=None
    ).exclude(pk=row.pk)  # fmt: skip


def conflict_page(row: Conflict, user: User) -> dict[str, Any]:
    """Both values, what both agreed on last, since when, the rule, and the buttons for those who may."""
    line = line_of(row.connection_id, row.pair, row.field)
    return {
        "title": f"{row.name}: {line.label if line else row.field}", "row": row, "line": line,
        "label": line.label if line else row.field, "alike": alike(row)[:100].count(),
        "may_settle": row.closed_at is None and may_settle(user, row.pair, line, row.field),
        "may_remember": row.decision in ("crm", "books") and may(user, "map") and line is not None
        and line.owner != row.decision,
        "rule": RULES.get(line.owner or Owner.ASK, "") if line else "no longer mapped",
        "others": Conflict.objects.filter(link=row.link_id, closed_at=None).exclude(pk=row.pk),
    }  # fmt: skip


def kept_page(row: KeptValue, user: User) -> dict[str, Any]:
    """A refused or overwritten value, what stands there instead, and the way back."""
    line = line_of(row.connection_id, row.pair, row.field)
    return {
        "title": f"{row.name}: {line.label if line else row.field}", "row": row,
        "label": line.label if line else row.field, "rule": RULES.get(row.rule, row.rule),
        "may_restore": row.restored_at is None and row.link_id is not None and line is not None
        and may_settle(user, row.pair, line, row.field),
    }  # fmt: skip


def plan_page(plan: Plan, user: User) -> dict[str, Any]:
    """What a plan means to write, by side; what it refuses and asks; what it costs; whether it can be applied."""
    writes = plan.writes.exclude(outcome=PlannedWrite.Outcome.LEFT).order_by("position")
    left = plan.writes.filter(outcome=PlannedWrite.Outcome.LEFT).order_by("position")
    made = writes.filter(remote_id="")
    labels = dict(
        MappedField.objects.filter(mapping__connection=plan.connection_id, mapping__pair=plan.pair)
        .values_list("name", "label")
    ) | {EMAIL.name: EMAIL.label, key_plans.NAME: key_plans.LABEL}  # fmt: skip
    busy = under_way_or_none(plan.connection, plan_kind(plan))
    return {
        "title": str(plan), "plan": plan, "creates": made.count(), "updates": writes.count() - made.count(),
        "writes": [write_row(row, labels) for row in writes[:MOST_WRITES]], "most": MOST_WRITES,
        "left": [write_row(row, labels) for row in left[:MOST_WRITES]],
        "refused": [_refused(row, labels) for row in KeptValue.objects.filter(plan=plan, why="refused")[:MOST_WRITES]],
        "questions": [(row, labels.get(row.field, row.field)) for row in _open_questions(plan)[:MOST_WRITES]],
        "ends": _ends(plan),
        "may_apply": may_apply(user, plan) and plan.state in (Plan.State.MADE, Plan.State.STOPPED) and busy is None,
        "busy": busy,
    }  # fmt: skip


def _open_questions(plan: Plan) -> "QuerySet[Conflict]":
    if plan.purpose:
        return Conflict.objects.none()
    return Conflict.objects.filter(connection=plan.connection, pair=plan.pair, closed_at=None)


def plan_kind(plan: Plan) -> str:
    """The kind of the runs that apply such plans."""
    return RUN_KINDS[plan.pair]


def write_row(row: PlannedWrite, labels: dict[str, str]) -> dict[str, Any]:
    """One write as pages show it: its side, and each change with its label and its rule in words."""
    changes = [
        (labels.get(change["field"], change["field"]), change["before"], change["after"],
         RULES.get(change["rule"], change["rule"]))
        for change in row.changes
    ]  # fmt: skip
    return {"row": row, "side": "CRM" if row.side == "crm" else "Books", "changes": changes}


def _refused(row: KeptValue, labels: dict[str, str]) -> dict[str, Any]:
    return {"row": row, "label": labels.get(row.field, row.field), "side": "CRM" if row.side == "crm" else "Books"}


def _ends(plan: Plan) -> list[tuple[str, int]]:
    """How its writes ended, each with its count; empty before it is applied."""
    ended = plan.writes.exclude(outcome__in=["", PlannedWrite.Outcome.LEFT])
    return [
        (str(label), number) for outcome, label in PlannedWrite.Outcome.choices
        if (number := ended.filter(outcome=outcome).count())
    ]  # fmt: skip
