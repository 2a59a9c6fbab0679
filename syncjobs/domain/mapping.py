"""Which field of CRM is which field of Books, how its value travels and who owns it; and what a mapping lacks. Pure.

A path names a field: `Phone`, `billing_address.city`, `cf:cf_region` for a custom field of Books, which stands in the
list `custom_fields` there, or `primary.phone` for a field of a Books customer's primary contact person. Several paths
joined by `+` (`First_Name+Last_Name`) are read as one text, and never written to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from syncjobs.domain.ownership import Owner
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Transform, Unfit

Row = Mapping[str, Any]
NAMES = {Side.CRM: "CRM", Side.BOOKS: "Books"}
CUSTOM, PRIMARY, JOIN = "cf:", "primary.", "+"
# What a list of Books customers leaves out, and only a single read shows (facts Books 3.3).
DETAIL_ONLY = ("billing_address", "shipping_address", "notes", "credit_limit", "contact_number")


class Direction(StrEnum):
    """Where a field's value may be written to."""

    TO_BOOKS = "to_books"
    TO_CRM = "to_crm"
    BOTH = "both"

    def may_write(self, side: Side) -> bool:
        """Whether that side is ever written to."""
        return self is Direction.BOTH or self is (Direction.TO_CRM if side is Side.CRM else Direction.TO_BOOKS)


def head(path: str) -> str:
    """The name under which a row holds what the path leads to; of joined paths the first's."""
    return path.split(JOIN)[0].split(".")[0]


@dataclass(frozen=True, kw_only=True)
class FieldMap:
    """One mapped field. `owner` None means that nobody has said yet. `set_back`: a refused edit is undone there."""

    name: str
    label: str
    crm: str
    books: str
    transform: Transform
    direction: Direction = Direction.BOTH
    owner: Owner | None = None
    blank_erases: bool = False
    set_back: bool = False
    guarded: bool = False

    def path(self, side: Side) -> str:
        """The field's place on that side."""
        return self.crm if side is Side.CRM else self.books

    @property
    def needs_detail(self) -> bool:
        """Whether lists of Books don't show it."""
        return head(self.books) in DETAIL_ONLY


@dataclass(frozen=True)
class Gap:
    """What keeps a mapping from being used, about which field, in a sentence."""

    field: str
    sentence: str


def gaps(fields: tuple[FieldMap, ...]) -> tuple[Gap, ...]:
    """Everything that is missing or contradicts itself; two-way sync stays off until this is empty (S52, S64)."""
    return tuple(found for field in fields for found in _gaps_of(field)) + tuple(_doubled(fields))


def _gaps_of(field: FieldMap) -> Iterator[Gap]:
    if field.owner is None:
        yield Gap(field.name, f"{field.label} has no owner.")
    if field.transform.lossy and field.direction is Direction.BOTH:
        yield Gap(field.name, f"{field.label} can't go both ways: “{field.transform.label}” may lose something.")
    if field.guarded and field.owner is Owner.NEWEST:
        yield Gap(field.name, f"{field.label} needs one owner or *ask*: the newer of two prices or tax ids is no rule.")
    one_way = {Direction.TO_BOOKS: Owner.BOOKS, Direction.TO_CRM: Owner.CRM}.get(field.direction)
    if one_way is not None and field.owner is one_way:
        yield Gap(field.name, f"{field.label} would never move: its owner is on the side that it is only written to.")


def _doubled(fields: tuple[FieldMap, ...]) -> Iterator[Gap]:
    """A field that two lines write to would be corrected for ever."""
    for side in Side:
        written = [field for field in fields if field.direction.may_write(side)]
        for n, field in enumerate(written):
            if field.path(side) in {one.path(side) for one in written[:n]}:
                yield Gap(field.name, f"{field.label} is the second line that writes to {field.path(side)}.")


def primary_person(row: Row) -> Row:
    """The primary contact person of a customer read by itself; of a list row, the row, which carries its fields."""
    if "contact_persons" not in row:
        return row
    return next((one for one in row["contact_persons"] or () if one.get("is_primary_contact")), {})


def value_at(row: Row, path: str) -> Any:
    """The JSON value at a path; None where there is none. Joined paths: their texts, an empty one left out."""
    if JOIN in path:
        parts = [str(value_at(row, part) or "").strip() for part in path.split(JOIN)]
        return " ".join(part for part in parts if part)
    if path.startswith(CUSTOM):
        found = (one for one in row.get("custom_fields") or () if one.get("api_name") == path.removeprefix(CUSTOM))
        return next((one.get("value") for one in found), None)
    if path.startswith(PRIMARY):
        return primary_person(row).get(path.removeprefix(PRIMARY))
    here: Any = row
    for part in path.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _is_shown(field: FieldMap, side: Side, row: Row) -> bool:
    """Whether the row says anything about the field: an absent field is not an empty one, and must not erase.

    CRM shows every field that it was asked for; Books leaves out custom fields without a value (facts Books 5.4).
    """
    return head(field.path(side)) in row or side is Side.BOOKS and not field.needs_detail


def read(field: FieldMap, side: Side, row: Row) -> str:
    """The canonical value of a mapped field; raises Unfit with the field's name, whatever the transform raised."""
    try:
        if not _is_shown(field, side, row):
            raise Unfit(f"{NAMES[side]} shows no such field: it was renamed, removed, or not read yet.")
        return field.transform.read(side, value_at(row, field.path(side)))
    except Unfit as trouble:
        raise Unfit(f"{field.label}: {trouble}") from trouble
    except Exception as trouble:  # noqa: BLE001  (a transform is an extension point: its errors stay in the row, S50)
        raise Unfit(f"{field.label}: “{field.transform.label}” failed ({type(trouble).__name__}).") from trouble


def written(field: FieldMap, side: Side, text: str) -> Any:
    """The JSON value for that side; raises Unfit as `read` does."""
    try:
        return field.transform.write(side, text)
    except Unfit as trouble:
        raise Unfit(f"{field.label}: {trouble}") from trouble
    except Exception as trouble:  # noqa: BLE001  (as above)
        raise Unfit(f"{field.label}: “{field.transform.label}” failed ({type(trouble).__name__}).") from trouble
