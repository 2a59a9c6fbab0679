"""What is sent to change a record: only the mapped fields, merged into what stands there, never a set cut short. Pure.

Books' PUT replaces sets: an address or the custom fields go whole, contact persons are never sent with a customer
(facts Books 3.4). CRM's PUT is partial: absent keys stay, null clears (facts CRM 2.4).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from syncjobs.domain.mapping import CUSTOM, PRIMARY, Row, primary_person
from syncjobs.domain.transforms import NOBODYS

Body = dict[str, Any]
Values = Iterable[tuple[str, Any]]
# Sent along with every change of a customer or item, since Books' PUT is "replace-ish".
ALWAYS = ("contact_name", "name", "rate")
PERSON = ("salutation", "first_name", "last_name", "email", "phone", "mobile", "designation", "department")


def crm_row(identity: str, values: Values) -> Body:
    """One row of a CRM update; an empty value clears the field."""
    return {"id": identity} | crm_values(values)


def crm_values(values: Values) -> Body:
    """Fields of a CRM record by API name."""
    return {path: None if value == "" else value for path, value in values}


def books_body(current: Row, values: Values) -> Body:
    """The body of a PUT (or, with no `current`, of a POST) of a customer or item; persons' fields are left out."""
    body: Body = {name: current[name] for name in ALWAYS if name in current}
    custom: dict[str, Any] = {}
    for path, value in values:
        if path.startswith(CUSTOM):
            custom[path.removeprefix(CUSTOM)] = value
        elif not path.startswith(PRIMARY):
            _put(body, current, path, value)
    if custom:
        body["custom_fields"] = merged_custom(current.get("custom_fields") or (), custom)
    return body


def _put(body: Body, current: Row, path: str, value: Any) -> None:
    """One value at its place; a part of an object takes the whole object along, without ids of its own."""
    head, _, rest = path.partition(".")
    if not rest:
        body[head] = "" if value is None else value
        return
    whole = body.get(head) or {name: found for name, found in (current.get(head) or {}).items() if _is_plain(found)}
    body[head] = whole | {rest: "" if value is None else value}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def merged_custom(current: Iterable[Row], changed: Mapping[str, Any]) -> list[Body]:
    """All custom fields: those there as they are, the changed ones anew."""
    rows = list(current)
    names = {row.get("api_name") for row in rows}
    kept = [_custom(row, changed.get(row.get("api_name", ""), row.get("value"))) for row in rows]
    return kept + [{"api_name": name, "value": value} for name, value in changed.items() if name not in names]


def _custom(row: Row, value: Any) -> Body:
    named = {name: row[name] for name in ("customfield_id", "api_name") if row.get(name)}
    return named | {"value": value}


def person_body(current: Row, values: Values) -> tuple[str, Body]:
    """The primary contact person's id (empty: there is none yet) and what is sent of it; ("", {}) when nothing is."""
    wanted = {path.removeprefix(PRIMARY): value or "" for path, value in values if path.startswith(PRIMARY)}
    if not wanted:
        return "", {}
    person = primary_person(current)
    # Books wants a first name of every person (facts Books 3.1); the customer's own is the only one known of it.
    named = {} if person else {"first_name": str(current.get("contact_name") or "")[:100]}
    return str(person.get("contact_person_id") or ""), named | contact_person_body(person, wanted.items())


def contact_person_body(current: Row, values: Values) -> Body:
    """What is sent of a contact person: all that it has, the changed anew; a first name, which Books wants, always."""
    body = {name: current[name] for name in PERSON if current.get(name)}
    body |= {path: "" if value is None else value for path, value in values}
    return {"first_name": NOBODYS} | body
