"""What people decide about fields and plans: settle a conflict, restore a kept value, apply a plan. No call to Zoho.

A decision is put on the link; the next plan writes it to whichever side says otherwise, like every other write.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import RUN_KINDS
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit
from syncjobs.mappings import Refused, fields_of, mapping_of, touch
from syncjobs.models import Conflict, KeptValue, Link, MappedField, Plan, Run
from syncjobs.services import WORK_RUN, start_run
from syncjobs.syncing import APPLY
from zbridge.clock import Clock
from zbridge.queue import ring

# A plan is about a moment: an older one is made anew instead of applied.
FRESH = timedelta(hours=24)


def settle(conflict: Conflict, decision: str, user: User, clock: Clock, *, value: str = "") -> str:
    """Keep CRM, keep Books, or this value; what it will be. Raises Refused when it is settled or doesn't fit."""
    if conflict.closed_at is not None:
        raise Refused("This question is settled already.")
    wanted = {"crm": conflict.crm, "books": conflict.books}.get(decision)
    canonical = wanted if wanted is not None else _canonical(conflict, value, clock)
    with transaction.atomic():
        _decide(conflict.link, conflict.field, canonical)
        conflict.closed_at, conflict.decision = clock.now(), decision if wanted is not None else "value"
        conflict.value, conflict.decided_by = canonical, user
        conflict.save()
        said = f"{conflict.name}: {conflict.field} shall be “{canonical}”."
        _note(user, said, conflict.link, {"crm": conflict.crm, "books": conflict.books, "field": conflict.field}, clock)
        _sync_soon(conflict.link, user, clock)
    return canonical


def settle_alike(conflicts: Iterable[Conflict], decision: str, user: User, clock: Clock) -> int:
    """The same side for all of these; how many were settled. Those settled meanwhile are left."""
    count = 0
    for conflict in conflicts:
        if conflict.closed_at is None:
            settle(conflict, decision, user, clock)
            count += 1
    return count


def remember(conflict: Conflict, user: User, clock: Clock) -> str:
    """Make the decision the field's rule from now on; the owner's name. Only a side can own a field."""
    owner = {"crm": Owner.CRM, "books": Owner.BOOKS}.get(conflict.decision)
    if owner is None:
        raise Refused("Only “keep CRM” or “keep Books” can become a rule.")
    mapping = mapping_of(conflict.connection, conflict.pair, clock)
    with transaction.atomic():
        for line in MappedField.objects.filter(mapping=mapping, name=conflict.field):
            line.owner = owner.value
            line.save()  # row by row: the history of rules sees no bulk update
        touch(mapping, user, f"{conflict.field} is owned by {conflict.decision} from now on.", clock)
    return owner.value


def restore(kept: KeptValue, user: User, clock: Clock) -> str:
    """Make a refused or overwritten value the value of both sides again; raises Refused when that can't be."""
    if kept.restored_at is not None or kept.link is None:
        raise Refused("This value was restored already, or its records are no longer linked.")
    with transaction.atomic():
        _decide(kept.link, kept.field, kept.value)
        kept.restored_at, kept.restored_by = clock.now(), user
        kept.save(update_fields=["restored_at", "restored_by"])
        _note(
            user, f"{kept.name}: {kept.field} is set back to “{kept.value}”.", kept.link, {"field": kept.field}, clock
        )
        _sync_soon(kept.link, user, clock)
    return kept.value


def set_back(kept: KeptValue, user: User, clock: Clock) -> str:
    """Write what counts over a refused edit, where it was typed; raises Refused when it is no refused edit any more."""
    if kept.why != KeptValue.Why.REFUSED or kept.restored_at is not None or kept.link is None:
        raise Refused("Only an edit that was refused can be set back, while its records are linked.")
    with transaction.atomic():
        _decide(kept.link, kept.field, kept.instead)
        said = f"{kept.name}: “{kept.value}” typed into {kept.field} is set back to “{kept.instead}”."
        _note(user, said, kept.link, {"field": kept.field}, clock)
        _sync_soon(kept.link, user, clock)
    return kept.instead


def apply_plan(plan: Plan, user: User | None, clock: Clock) -> Run:
    """Apply exactly this plan, also one that a guard stopped; raises Refused when it is used up or old, or one runs."""
    if plan.state not in (Plan.State.MADE, Plan.State.STOPPED):
        raise Refused("This plan was applied or dropped already. Make a new one.")
    if clock.now() - plan.made_at > FRESH:
        raise Refused("This plan is more than a day old, and both sides have moved on. Make a new one.")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                connection=plan.connection, kind=RUN_KINDS[plan.pair], trigger=APPLY, user=user,
                requested_at=clock.now(),
            )  # fmt: skip
            Plan.objects.filter(pk=plan.pk).update(run=run)
            subject = ("plan", str(plan.pk))
            audit.record(
                user, "apply", f"Applied {plan}.", connection=plan.connection, subject=subject,
                detail={"digest": plan.digest, "alarms": plan.alarms}, clock=clock,
            )  # fmt: skip
            ring(WORK_RUN, run.pk, queue="bulk")
            return run
    except IntegrityError as busy:
        raise Refused("A run of these kinds is under way. Apply the plan when it has ended.") from busy


def _canonical(conflict: Conflict, value: str, clock: Clock) -> str:
    mapping = mapping_of(conflict.connection, conflict.pair, clock)
    field = next((one for one in fields_of(mapping) if one.name == conflict.field), None)
    if field is None:
        raise Refused("This field is no longer mapped.")
    try:
        found = field.transform.read(Side.CRM, value)
    except Unfit as trouble:
        raise Refused(f"{field.label}: {trouble}") from trouble
    if not found:
        raise Refused(f"Type a value for {field.label}, or keep one of the two.")
    return found


def _decide(link: Link, field: str, value: str) -> None:
    Link.objects.filter(pk=link.pk).update(decided=link.decided | {field: value})


def _note(user: User, said: str, link: Link, detail: dict[str, object], clock: Clock) -> None:
    subject = ("link", str(link.pk))
    audit.record(user, "settle", said, connection=link.connection, subject=subject, detail=detail, clock=clock)


def _sync_soon(link: Link, user: User, clock: Clock) -> None:
    start_run(link.connection, RUN_KINDS[link.pair], clock, trigger="person", user=user)
