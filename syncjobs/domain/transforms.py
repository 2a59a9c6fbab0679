"""How a field's value travels between CRM and Books: one small class a transform, in one registry (S50). Pure.

A transform reads either side's JSON into one canonical text and writes it back. Its law, for every canonical text `c`
that it reads: `read(side, write(side, c)) == c` on both sides; else two systems would correct each other for ever.
An empty text is an empty field. What can't be read or written raises Unfit with a sentence; that stays in its row.

To add one: write a class with `name`, `label`, `read` and `write` (and `lossy = True` if the way back is not sure),
and put an instance into REGISTRY. Nothing else has to know it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Protocol

from syncjobs.domain.normalising import normal_email, normal_phone
from syncjobs.domain.records import Side

Json = Any


class Unfit(ValueError):
    """A value that this transform can't carry; the sentence names the value and says what would fit."""


class Transform(Protocol):
    """Reads and writes the value of one field on either side."""

    @property
    def name(self) -> str:
        """The word that mappings keep."""
        ...

    @property
    def label(self) -> str:
        """What people see."""
        ...

    @property
    def lossy(self) -> bool:
        """Whether something may be lost on the way, so that it is refused on two-way fields."""
        ...

    def read(self, side: Side, value: Json) -> str:
        """The canonical text; raises Unfit."""
        ...

    def write(self, side: Side, text: str) -> Json:
        """The JSON value for that side; raises Unfit."""
        ...


def plain(value: Json) -> str:
    """A value as trimmed text without NUL; null is the empty text."""
    return "" if value is None else str(value).replace("\0", "").strip()


@dataclass(frozen=True)
class Text:
    """Text as it is, trimmed."""

    name: ClassVar[str] = "text"
    label: ClassVar[str] = "Text"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        if isinstance(value, dict | list):
            raise Unfit("This field holds several values, not one text; choose another transform.")
        return plain(value)

    def write(self, side: Side, text: str) -> Json:
        return text


@dataclass(frozen=True)
class OneLine:
    """Text on one line: line breaks and runs of spaces become one space."""

    name: ClassVar[str] = "line"
    label: ClassVar[str] = "Text on one line"
    lossy: ClassVar[bool] = True

    def read(self, side: Side, value: Json) -> str:
        return " ".join(plain(value).split())

    def write(self, side: Side, text: str) -> Json:
        return text


@dataclass(frozen=True)
class Email:
    """An e-mail address, lower case."""

    name: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        written = plain(value)
        found = normal_email(written)
        if written and not found:
            raise Unfit(f"“{written[:60]}” is no e-mail address.")
        return found

    def write(self, side: Side, text: str) -> Json:
        return text


@dataclass(frozen=True)
class Phone:
    """A phone number in E.164; a local one is read as that country's."""

    country: str = "DE"
    name: ClassVar[str] = "phone"
    label: ClassVar[str] = "Phone number"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        written = plain(value)
        found = normal_phone(written, self.country)
        if written and not found:
            raise Unfit(f"“{written[:60]}” is no phone number.")
        return found

    def write(self, side: Side, text: str) -> Json:
        return text


@dataclass(frozen=True)
class YesNo:
    """Yes or no; an empty field is empty, not no."""

    name: ClassVar[str] = "yesno"
    label: ClassVar[str] = "Yes or no"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        words = {"true": "yes", "yes": "yes", "1": "yes", "false": "no", "no": "no", "0": "no", "": ""}
        found = words.get(plain(value).lower())
        if found is None:
            raise Unfit(f"“{plain(value)[:60]}” is neither yes nor no.")
        return found

    def write(self, side: Side, text: str) -> Json:
        return {"yes": True, "no": False}.get(text)


@dataclass(frozen=True)
class Day:
    """A calendar day; the time of day, if a field has one, is left out."""

    name: ClassVar[str] = "day"
    label: ClassVar[str] = "Date"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        written = plain(value)
        try:
            return date.fromisoformat(written[:10]).isoformat() if written else ""
        except ValueError as trouble:
            raise Unfit(f"“{written[:60]}” is no date.") from trouble

    def write(self, side: Side, text: str) -> Json:
        return text or None


@dataclass(frozen=True)
class Amount:
    """A number of money with at most `places` decimals, in the currency of its record."""

    places: int = 2
    name: ClassVar[str] = "amount"
    label: ClassVar[str] = "Amount"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        if isinstance(value, float):
            raise Unfit("An amount came as a binary fraction; nothing was read.")
        written = plain(value).replace(",", "") if isinstance(value, str) else plain(value)
        if not written:
            return ""
        try:
            found = Decimal(written)
            rounded = found.quantize(Decimal(1).scaleb(-self.places))
        except InvalidOperation as trouble:
            raise Unfit(f"“{written[:60]}” is no amount.") from trouble
        if not found.is_finite() or found != rounded:
            raise Unfit(f"{written[:60]} has more than {self.places} decimals.")
        return format(rounded if rounded else abs(rounded), "f")

    def write(self, side: Side, text: str) -> Json:
        return Decimal(text) if text else None


@dataclass(frozen=True)
class PickList:
    """One of a list of values: CRM's word and Books' value, which may be a number; unmapped ones wait to be mapped."""

    pairs: tuple[tuple[str, Json], ...] = ()
    name: ClassVar[str] = "picklist"
    label: ClassVar[str] = "Pick-list"
    lossy: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for words in zip(*self.pairs, strict=True):
            if len({str(word) for word in words}) < len(words):
                raise Unfit("Each value may be mapped once only; otherwise the way back is not sure.")

    def read(self, side: Side, value: Json) -> str:
        written = plain(value)
        known = {(crm if side is Side.CRM else str(books)): crm for crm, books in self.pairs}
        if written and written not in known:
            raise Unfit(f"“{written[:60]}” is not mapped yet. Map it to a value of the other side.")
        return known.get(written, "")

    def write(self, side: Side, text: str) -> Json:
        return (text if side is Side.CRM else dict(self.pairs)[text]) if text else None


@dataclass(frozen=True)
class Fallback:
    """Text that is a set value when it is blank; going back, the set value stays what it is."""

    value: str = ""
    name: ClassVar[str] = "fallback"
    label: ClassVar[str] = "Default when blank"
    lossy: ClassVar[bool] = True

    def read(self, side: Side, value: Json) -> str:
        return plain(value) or self.value

    def write(self, side: Side, text: str) -> Json:
        return text


@dataclass(frozen=True)
class Constant:
    """Always the same value, whatever stands there."""

    value: str = ""
    name: ClassVar[str] = "constant"
    label: ClassVar[str] = "Constant"
    lossy: ClassVar[bool] = True

    def read(self, side: Side, value: Json) -> str:
        return self.value

    def write(self, side: Side, text: str) -> Json:
        return self.value


NOBODYS = "-"


@dataclass(frozen=True)
class FirstName:
    """A first name; Books wants one of every person (facts Books 3.1), so there a dash stands for none."""

    name: ClassVar[str] = "first_name"
    label: ClassVar[str] = "First name"
    lossy: ClassVar[bool] = False

    def read(self, side: Side, value: Json) -> str:
        return "" if plain(value) == NOBODYS else plain(value)

    def write(self, side: Side, text: str) -> Json:
        return text or (NOBODYS if side is Side.BOOKS else "")


KINDS: tuple[type[Any], ...] = (
    Text, FirstName, OneLine, Email, Phone, YesNo, Day, Amount, PickList, Fallback, Constant,
)  # fmt: skip
REGISTRY: Mapping[str, type[Any]] = {kind.name: kind for kind in KINDS}


def make(name: str, settings: Mapping[str, Any] | None = None) -> Transform:
    """The transform of that name with its settings; raises Unfit for a name or setting that there isn't."""
    if name not in REGISTRY:
        raise Unfit(f"There is no transform called {name}.")
    try:
        found: Transform = REGISTRY[name](**_settled(settings or {}))
    except TypeError as trouble:
        raise Unfit(f"{REGISTRY[name].label} has no such setting.") from trouble
    return found


def _settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as kept in JSON: lists of pairs become tuples, so that a transform is a value."""
    return {
        name: tuple(tuple(pair) for pair in value) if isinstance(value, list) else value
        for name, value in settings.items()
    }
