"""What stops a run before its first write: a plan that looks like an accident, named with its figures. Pure.

The shares and counts are those of `reliability.md` 5; a connection may set its own.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncjobs.domain.planning import Change, Plan
from syncjobs.domain.records import Side


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may change at once: a count, and a share of the linked pairs; the larger of both holds."""

    changed: int = 20
    changed_share: Decimal = Decimal("0.10")
    blanked: int = 5
    blanked_share: Decimal = Decimal("0.02")
    created: int = 50
    prices: int = 10
    price_factor: Decimal = Decimal(2)
    shrunken_share: Decimal = Decimal("0.10")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How big the world is that the plan is about; `known` and `read` count a side's records before and now."""

    links: int
    known: Mapping[Side, int]
    read: Mapping[Side, int]
    is_import: bool = False


NAMES = {Side.CRM: "CRM", Side.BOOKS: "Books"}


def alarms(
    plan: Plan, scale: Scale, prices: Collection[str] = (), labels: Mapping[str, str] | None = None,
    limits: Limits = Limits(),
) -> tuple[str, ...]:  # fmt: skip
    """Why this plan must not be applied without a person, in sentences; `prices` names the fields that are prices."""
    changes = [change for write in plan.writes if not write.creates for change in write.changes]
    return (
        *_sides(scale, limits), *_creates(plan, scale, limits), *_mass(plan, scale, limits),
        *_blanks(changes, scale, limits, labels or {}), *_prices(changes, prices, limits),
    )  # fmt: skip


def _most(count: int, share: Decimal, links: int) -> Decimal:
    return max(Decimal(count), share * links)


def _sides(scale: Scale, limits: Limits) -> Iterator[str]:
    for side in Side:
        known, read = scale.known.get(side, 0), scale.read.get(side, 0)
        if known and not read:
            yield f"{NAMES[side]} showed no records at all, where {known} were known."
        elif known - read > _most(limits.changed, limits.shrunken_share, known):
            yield f"{NAMES[side]} showed {read} records, where {known} were known."


def _creates(plan: Plan, scale: Scale, limits: Limits) -> Iterator[str]:
    for side in Side:
        made = sum(write.creates and write.side is side for write in plan.writes)
        if made > limits.created and not scale.is_import:
            yield f"{made} records would be made in {NAMES[side]}; more than {limits.created} is an import."


def _mass(plan: Plan, scale: Scale, limits: Limits) -> Iterator[str]:
    touched = len({write.pair for write in plan.writes if not write.creates})
    if touched > _most(limits.changed, limits.changed_share, scale.links):
        yield f"{touched} of {scale.links} linked records would change at once."


def _blanks(changes: list[Change], scale: Scale, limits: Limits, labels: Mapping[str, str]) -> Iterator[str]:
    blanked = Counter(change.field for change in changes if change.before and not change.after)
    for field, count in sorted(blanked.items()):
        if count > _most(limits.blanked, limits.blanked_share, scale.links):
            yield f"{labels.get(field, field)} would become empty in {count} records."


def _prices(changes: list[Change], prices: Collection[str], limits: Limits) -> Iterator[str]:
    moved = [change for change in changes if change.field in prices]
    if len(moved) > limits.prices:
        yield f"{len(moved)} prices would change at once."
    jumps = [change for change in moved if _jumps(change, limits)]
    if jumps:
        first = jumps[0]
        yield f"{len(jumps)} prices would jump, the first from {first.before} to {first.after}."


def _jumps(change: Change, limits: Limits) -> bool:
    """Whether it at least doubles or halves; from or to nothing is no jump but a first price or a blank."""
    if not change.before or not change.after:
        return False
    low, high = sorted((abs(Decimal(change.before)), abs(Decimal(change.after))))
    return high >= low * limits.price_factor if low else bool(high)
