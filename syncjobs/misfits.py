"""Values that a mapping can't carry: told with the plan, and queued by field and reason until they fit."""

from collections import defaultdict
from datetime import datetime

from syncjobs.domain.digesting import text_digest
from syncjobs.domain.planning import Plan as PurePlan
from syncjobs.models import Mapping, Plan, Problem
from syncjobs.services import open_problem

CAUSE = "unfit"
# One broken transform may make a reason of its own for every record; the rest is counted only.
MOST_REASONS = 50


def keep_misfits(
    mapping: Mapping, pure: PurePlan, names: dict[str, str], kept: Plan, now: datetime, *, is_whole: bool = True
) -> None:
    """Keep the reasons with the plan; open a problem for each, and close those that are over by a plan of the whole."""
    by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in pure.misfits:
        by_reason[one.field, one.sentence].append(names.get(one.pair, ""))
    reasons = [
        {"field": field, "sentence": sentence, "count": len(who), "first": who[0]}
        for (field, sentence), who in list(by_reason.items())[:MOST_REASONS]
    ]
    Plan.objects.filter(pk=kept.pk).update(misfits=reasons, misfit_count=len(pure.misfits))
    open_ones = {_subject(mapping, str(row["field"]), str(row["sentence"])): row for row in reasons}
    for subject, reason in open_ones.items():
        said = f"{reason['sentence']} {_waiting(int(str(reason['count'])), str(reason['first']))}"
        open_problem(mapping.connection, CAUSE, (*subject, str(mapping)), "revops", said, now=now)
    if not is_whole:
        return
    ours = Problem.objects.filter(
        connection=mapping.connection, cause=CAUSE, subject_kind="mapping", subject_id__startswith=f"{mapping.pk}:",
        closed_at=None,
    )  # fmt: skip
    ours.exclude(subject_id__in=[identity for _, identity in open_ones]).update(closed_at=now)


def waiting(mapping: Mapping) -> dict[str, list[str]]:
    """What waits, by the name of the mapping's line."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = Problem.objects.filter(
        connection=mapping.connection, cause=CAUSE, subject_id__startswith=f"{mapping.pk}:", closed_at=None
    )
    for row in rows.order_by("opened_at"):
        found[row.subject_id.split(":")[1]].append(row.sentence)
    return found


def _subject(mapping: Mapping, field: str, sentence: str) -> tuple[str, str]:
    return "mapping", f"{mapping.pk}:{field[:40]}:{text_digest(sentence)[:8]}"


def _waiting(count: int, first: str) -> str:
    return f"{first} waits." if count == 1 else f"{count} records wait, the first is {first}."
