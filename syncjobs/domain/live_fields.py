"""What fields the two systems really have, from their own answers, and which value doesn't fit where. Pure.

CRM tells all of its fields (facts CRM 3.2). Books tells custom fields only (facts Books 6.3); those that every
organisation has are listed here, with the lengths of its own documentation (facts Books 3.3, 3.4, 4).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from syncjobs.domain.mapping import CUSTOM, JOIN, NAMES, PRIMARY, FieldMap
from syncjobs.domain.ownership import other
from syncjobs.domain.records import Side

Row = Mapping[str, Any]
PICK, YES_NO, DAY, MONEY, NUMBER, TEXT = "picklist", "boolean", "date", "currency", "number", "text"
# How either system names its types, in the words of this house; what isn't here is text.
TYPES = {
    "picklist": PICK, "dropdown": PICK, "boolean": YES_NO, "check_box": YES_NO, "date": DAY, "datetime": DAY,
    "date_time": DAY, "currency": MONEY, "amount": MONEY, "double": NUMBER, "decimal": NUMBER, "integer": NUMBER,
    "bigint": NUMBER, "number": NUMBER, "percent": NUMBER, "email": "email", "phone": "phone", "website": "website",
    "url": "website", "textarea": TEXT, "multiline": TEXT,
}  # fmt: skip
# Values of these stand for other records or for several values: no transform carries them.
NOT_MAPPED = frozenset({
    "subform", "fileupload", "imageupload", "profileimage", "lookup", "userlookup", "multiselectlookup",
    "multiuserlookup", "multiselectpicklist", "linetax", "formula", "rollup_summary", "autonumber", "layout",
    "event_reminder", "image", "attachment",
})  # fmt: skip
# The transforms that read each type as what it is; any of them may be carried as text.
READ_AS = {"phone": "phone", "email": "email", YES_NO: "yesno", DAY: "day", MONEY: "amount"}


@dataclass(frozen=True)
class LiveField:
    """One field as its system describes it. `length` 0: not told. `choices` empty: any value."""

    path: str
    label: str
    type: str = TEXT
    length: int = 0
    choices: tuple[str, ...] = ()
    read_only: bool = False
    mandatory: bool = False
    custom: bool = False


def crm_field(row: Row) -> LiveField | None:
    """A field of `/settings/fields` of CRM; None for one that can't be mapped. The owner is carried by its name."""
    kind, name = str(row.get("data_type") or ""), str(row.get("api_name") or "")
    label = str(row.get("display_label") or row.get("field_label") or name)
    if not name or kind in NOT_MAPPED or row.get("visible") is False:
        return None
    if kind == "ownerlookup":
        return LiveField(f"{name}.name", f"{label} (name)", read_only=True)
    may = row.get("operation_type") or {}
    locked = bool(row.get("read_only") or row.get("field_read_only")) or may.get("api_update") is False
    return LiveField(
        name, label, TYPES.get(kind, TEXT), _whole(row.get("length")), _choices(row.get("pick_list_values")), locked,
        bool(row.get("system_mandatory")), bool(row.get("custom_field")),
    )  # fmt: skip


def books_custom_field(row: Row) -> LiveField | None:
    """A custom field of Books; None for one that can't be mapped or is switched off."""
    kind, name = str(row.get("data_type") or ""), str(row.get("api_name") or "")
    if not name or kind in NOT_MAPPED or row.get("is_active") is False:
        return None
    length = _whole(row.get("value_length")) if TYPES.get(kind, TEXT) == TEXT else 0
    return LiveField(
        f"{CUSTOM}{name}", str(row.get("label") or name), TYPES.get(kind, TEXT), length, _choices(row.get("values")),
        mandatory=bool(row.get("is_mandatory")), custom=True,
    )  # fmt: skip


def _whole(value: object) -> int:
    return int(str(value)) if str(value or "").isdecimal() else 0


def _choices(rows: object) -> tuple[str, ...]:
    """The values of a pick-list, as records carry them; switched-off ones are none."""
    if not isinstance(rows, list):
        return ()
    used = [row for row in rows if isinstance(row, Mapping) and row.get("type", "used") == "used"]
    words = [str(row.get("actual_value") or row.get("name") or row.get("display_value") or "") for row in used]
    return tuple(word for word in words if word and word != "-None-")


def _address(path: str, label: str) -> Iterator[LiveField]:
    parts = (("attention", "attention", 100), ("address", "street", 500), ("street2", "street, second line", 255),
             ("city", "city", 100), ("state", "state", 100), ("zip", "postcode", 50), ("country", "country", 100),
             ("phone", "phone", 50))  # fmt: skip
    for part, said, length in parts:
        yield LiveField(f"{path}.{part}", f"{label} {said}", "phone" if part == "phone" else TEXT, length)


def _person() -> Iterator[LiveField]:
    parts = (("first_name", "first name", 100), ("last_name", "last name", 100), ("email", "e-mail", 100),
             ("phone", "phone", 50), ("mobile", "mobile", 50))  # fmt: skip
    for part, said, length in parts:
        kind = "email" if part == "email" else "phone" if part in ("phone", "mobile") else TEXT
        yield LiveField(f"{PRIMARY}{part}", f"Primary person's {said}", kind, length)


BOOKS_FIELDS: dict[str, tuple[LiveField, ...]] = {
    "customer": (
        LiveField("contact_name", "Customer name", length=200, mandatory=True),
        LiveField("company_name", "Company name", length=200),
        LiveField("website", "Website", "website"),
        *_person(),
        *_address("billing_address", "Billing"),
        *_address("shipping_address", "Shipping"),
        LiveField("payment_terms", "Payment terms (days)", NUMBER),
        LiveField("credit_limit", "Credit limit", MONEY),
        LiveField("vat_reg_no", "VAT id"),
        LiveField("notes", "Notes"),
        LiveField("currency_code", "Currency", read_only=True),
        LiveField("outstanding_receivable_amount", "Outstanding", MONEY, read_only=True),
        LiveField("unused_credits_receivable_amount", "Unused credits", MONEY, read_only=True),
        LiveField("created_time", "Created", DAY, read_only=True),
    ),
    "person": tuple(
        LiveField(path, label, kind, length, mandatory=path == "first_name")
        for path, label, kind, length in (
            ("salutation", "Salutation", TEXT, 25),
            ("first_name", "First name", TEXT, 100),
            ("last_name", "Last name", TEXT, 100),
            ("email", "E-mail", "email", 100),
            ("phone", "Phone", "phone", 50),
            ("mobile", "Mobile", "phone", 50),
            ("designation", "Designation", TEXT, 50),
            ("department", "Department", TEXT, 50),
        )
    ),
    "item": (
        LiveField("name", "Item name", length=100, mandatory=True),
        LiveField("sku", "SKU", length=100),
        LiveField("rate", "Price", MONEY, mandatory=True),
        LiveField("unit", "Unit", length=100),
        LiveField("description", "Description", length=2000),
        LiveField("tax_name", "Tax", read_only=True),
        LiveField("created_time", "Created", DAY, read_only=True),
    ),
}


# Several fields as one text: read only, since no text tells where one part ends.
JOINED: dict[str, tuple[LiveField, ...]] = {
    "account": (
        LiveField(
            "Billing_Street+Billing_Code+Billing_City+Billing_State+Billing_Country",
            "Billing address as one text",
            read_only=True,
        ),
    ),
    "contact": (
        LiveField("First_Name+Last_Name", "First and last name", read_only=True),
        LiveField(
            "Mailing_Street+Mailing_Zip+Mailing_City+Mailing_State+Mailing_Country",
            "Mailing address as one text",
            read_only=True,
        ),
    ),
    "customer": (
        LiveField(
            "billing_address.address+billing_address.zip+billing_address.city+billing_address.state"
            "+billing_address.country",
            "Billing address as one text",
            read_only=True,
        ),
    ),
    "person": (LiveField("first_name+last_name", "First and last name", read_only=True),),
}


def with_joined(kind: str, fields: list[LiveField]) -> list[LiveField]:
    """The fields of a kind, and those that join several of them."""
    known = {one.path for one in fields}
    return fields + [one for one in JOINED.get(kind, ()) if known.issuperset(one.path.split(JOIN))]


def unfit(field: FieldMap, side: Side, live: LiveField | None) -> Iterator[str]:
    """Why the line can't work on that side as the system describes itself; nothing when it can."""
    if live is None:
        yield f"{NAMES[side]} has no field {field.path(side)}: it was renamed, removed, or is not read yet."
    elif live.read_only and field.direction.may_write(side):
        yield f"{live.label} in {NAMES[side]} can't be written: choose the direction that only reads it."


def doubts(field: FieldMap, crm: LiveField | None, books: LiveField | None) -> Iterator[str]:
    """What may not fit one day although the line works: lengths, types, values of pick-lists."""
    if crm is None or books is None:
        return
    yield from _lengths(field, crm, books)
    yield from _types(field, crm, books)
    yield from _unknown_values(field, crm, books)


def _lengths(field: FieldMap, crm: LiveField, books: LiveField) -> Iterator[str]:
    for side, here, there in ((Side.BOOKS, crm, books), (Side.CRM, books, crm)):
        if field.direction.may_write(side) and there.length and here.length > there.length:
            yield (
                f"{here.label} holds {here.length} characters, {there.label} in {NAMES[side]} {there.length}: "
                "a longer text is refused and stays in its row."
            )


def _types(field: FieldMap, crm: LiveField, books: LiveField) -> Iterator[str]:
    for side, live in ((Side.CRM, crm), (Side.BOOKS, books)):
        wanted = READ_AS.get(live.type)
        if live.type == PICK and live.choices and field.transform.name != "picklist":
            yield f"{live.label} in {NAMES[side]} is a pick-list: a value that is not on it is refused."
        elif wanted in ("day", "yesno") and field.transform.name != wanted:
            yield f"{live.label} in {NAMES[side]} is no text: choose a transform that reads it as what it is."


def _unknown_values(field: FieldMap, crm: LiveField, books: LiveField) -> Iterator[str]:
    pairs = getattr(field.transform, "pairs", ())
    if field.transform.name != "picklist":
        return
    for side, live, place in ((Side.CRM, crm, 0), (Side.BOOKS, books, 1)):
        unknown = [str(pair[place]) for pair in pairs if live.choices and str(pair[place]) not in live.choices]
        missing = [word for word in live.choices if word not in {str(pair[place]) for pair in pairs}]
        if unknown:
            yield f"{', '.join(unknown[:5])}: no such value in {NAMES[side]}."
        if missing and field.direction.may_write(other(side)):
            yield f"Not mapped yet from {NAMES[side]}: {', '.join(missing[:5])}."
