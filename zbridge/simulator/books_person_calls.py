"""Calls for contact persons, which have paths of their own (facts Books 3.1)."""

from collections.abc import Callable

from zbridge.simulator import books_contacts
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Refused, text
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.wire import Response


def listed(call: Call, id: str) -> Response:
    return answer(contact_persons=call.get("contacts", id)["contact_persons"])


def create(call: Call) -> Response:
    sent = call.body()
    if not text(sent, "first_name"):
        raise Refused(400, 4, "Invalid value passed for first_name")
    contact = call.get("contacts", text(sent, "contact_id"))
    made = books_contacts.person(call, sent, None) | {"is_primary_contact": not contact["contact_persons"]}
    _keep(call, contact, [*contact["contact_persons"], made])
    return answer("The contactperson has been Created", 201, contact_person=made)


def update(call: Call, person: str) -> Response:
    contact, before = _of(call, person)
    changed = books_contacts.person(call, call.body(), before) | {"is_primary_contact": before["is_primary_contact"]}
    _keep(call, contact, [changed if row is before else row for row in contact["contact_persons"]])
    return answer("The contactperson details has been Updated", contact_person=changed)


def delete(call: Call, person: str) -> Response:
    contact, gone = _of(call, person)
    _keep(call, contact, [row for row in contact["contact_persons"] if row is not gone])
    return answer("The contact person has been deleted.")


def make_primary(call: Call, person: str) -> Response:
    contact, chosen = _of(call, person)
    _keep(call, contact, [row | {"is_primary_contact": row is chosen} for row in contact["contact_persons"]])
    return answer("This contact has been marked as your primary contact person.")


def _of(call: Call, person: str) -> tuple[Row, Row]:
    """The contact of a person, and the person."""
    for contact in call.find("contacts", "_persons", person):
        for row in contact["contact_persons"]:
            if row["contact_person_id"] == person:
                return contact, row
    raise Refused(404, 1002, "Contact person does not exist.")


def _keep(call: Call, contact: Row, persons: list[Row]) -> None:
    call.save("contacts", books_contacts.with_primary(contact | {"contact_persons": persons}))


ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "contacts/<id>/contactpersons", listed),
    ("POST", "contacts/contactpersons", create),
    ("PUT", "contacts/contactpersons/<person>", update),
    ("DELETE", "contacts/contactpersons/<person>", delete),
    ("POST", "contacts/contactpersons/<person>/primary", make_primary),
)
