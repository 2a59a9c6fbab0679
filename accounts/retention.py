"""Old rows go, oldest first and a few at a time; what anything still points to stays, whatever its age.

Each room names its sorts of rows (settings.ZBRIDGE_OLD_ROWS); what is in no list is kept for good.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.module_loading import import_string

from accounts import audit
from accounts.models import Retention, User
from zbridge.clock import Clock
from zbridge.crash_points import Point, crash_point

AT_A_TIME = 1000


@dataclass(frozen=True)
class OldRows:
    """One sort of rows that go when they are old enough.

    `rows`: those that may go at any age. `column`: since when they are old. `days`: kept when nobody chose; `least`:
    fewer would break what is promised, for the reason `why`. `parts`: names of the relations to rows that belong to
    them and go before them. Rows that anything else points to, or to a part, stay.
    """

    name: str
    title: str
    stays: str
    rows: Callable[[], "QuerySet[Any]"]
    column: str
    days: int
    least: int
    why: str
    parts: Sequence[str] = ()

    def may_go(self) -> "QuerySet[Any]":
        """All rows that may go once they are old, oldest first."""
        rows = self.rows()
        for pointing in _pointing(rows.model, self.parts):
            rows = rows.filter(~Exists(pointing))
        return rows.exclude(**{self.column: None}).order_by(self.column, "pk")

    def older_than(self, moment: datetime) -> "QuerySet[Any]":
        """Of these, those of before."""
        return self.may_go().filter(**{f"{self.column}__lt": moment})


def _pointing(model: type[Model], parts: Sequence[str]) -> Iterator["QuerySet[Any]"]:
    """What points to a row, and to one of its parts, but for the parts themselves."""
    for relation in _relations(model):
        column, found = relation.field.name, relation.related_model
        if relation.get_accessor_name() not in parts:
            yield found._base_manager.filter(**{column: OuterRef("pk")})
            continue
        for further in _relations(found):
            yield further.related_model._base_manager.filter(**{f"{further.field.name}__{column}": OuterRef("pk")})


def _relations(model: type[Model]) -> list[Any]:
    """Every foreign key to it, also those that have no name on this side."""
    found = model._meta.get_fields(include_hidden=True)
    return [one for one in found if one.auto_created and not one.concrete and (one.one_to_many or one.one_to_one)]


def sorts() -> list[OldRows]:
    """Every sort of rows that goes, of all rooms."""
    return [one for name in settings.ZBRIDGE_OLD_ROWS for one in import_string(name)]


def days_kept() -> dict[str, int]:
    """By sort, for how many days it is kept; never fewer than its least."""
    chosen = dict(Retention.objects.values_list("name", "days"))
    return {one.name: max(one.least, chosen.get(one.name, one.days)) for one in sorts()}


def gone_before(name: str) -> datetime | None:
    """Of that sort, older ones than this were cleared away; None when none ever was."""
    return Retention.objects.filter(name=name).values_list("gone_before", flat=True).first()


def purge(clock: Clock, point: Point = crash_point) -> int:
    """Delete of each sort the oldest of what is too old, at most AT_A_TIME of it or of its parts; how many rows went.

    Stopped anywhere it goes on with the next sweep: each sort is one transaction.
    """
    days, gone = days_kept(), 0
    for one in sorts():
        gone += _purge(one, days[one.name], clock.now() - timedelta(days=days[one.name]), point)
        point("old rows gone")
    return gone


def _purge(one: OldRows, days: int, before: datetime, point: Point) -> int:
    old = list(one.older_than(before).values_list("pk", flat=True)[:AT_A_TIME])
    if not old:
        return 0
    with transaction.atomic():
        gone = _parts(one, old) or _delete(one.rows().model._base_manager.filter(pk__in=old))
        point("old rows going")
        row, _ = Retention.objects.get_or_create(name=one.name, defaults={"days": days})
        Retention.objects.filter(pk=row.pk).update(gone_before=before)
    return gone


def _parts(one: OldRows, old: Sequence[int]) -> int:
    """The first parts of these rows; 0 when they have none any more."""
    for name in one.parts:
        relation: Any = one.rows().model._meta.get_field(name)
        of_them = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": old})
        if first := list(of_them.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]):
            return _delete(of_them.filter(pk__in=first))
    return 0


def _delete(rows: "QuerySet[Any]") -> int:
    count, _ = rows.delete()
    return count


def keep(wanted: dict[str, int], user: User, clock: Clock) -> list[str]:
    """Keep the chosen days; what changed, in sentences. Raises ValueError, with nothing changed, below a least."""
    found = [one for one in sorts() if one.name in wanted]
    for one in found:
        if wanted[one.name] < one.least:
            raise ValueError(f"{one.title}: at least {one.least} days. {one.why}")
    before = days_kept()
    with transaction.atomic():
        said = [_set(one, before[one.name], wanted[one.name]) for one in found if before[one.name] != wanted[one.name]]
        for sentence in said:
            audit.record(user, "retention", sentence, subject=("retention", ""), detail=wanted, clock=clock)
    return said


def _set(one: OldRows, before: int, days: int) -> str:
    row = Retention.objects.filter(name=one.name).first() or Retention(name=one.name)
    row.days = days
    row.save()
    return f"{one.title}: kept {days} days from now on; before: {before}."
