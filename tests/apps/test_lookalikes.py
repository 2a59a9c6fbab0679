"""Customers of the mirror that a CRM party may be: by any person's e-mail, a misspelt name, tax number or phone."""

from typing import Any

import pytest

from accounts.forms import SettingsForm, initial_settings
from accounts.models import Connection
from syncjobs.columns import account, customer, person
from syncjobs.domain.parties import Verdict
from syncjobs.models import Record
from syncjobs.parties import Party, match_in_mirror
from tests.apps.sample_rows import NOW, make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return make_connection()


def add(connection: Connection, kind: str, columns: dict[str, Any]) -> Record:
    return Record.objects.create(connection=connection, kind=kind, read_at=NOW, digest="0", **columns)


def books(connection: Connection, id: str, name: str, **more: str) -> Record:
    row = {"contact_id": id, "contact_name": name, "currency_code": "EUR", "status": "active", **more}
    return add(connection, "customer", customer(row))


def wanted(connection: Connection, name: str, email: str = "", **more: str) -> Party:
    row = {"id": f"a{name}", "Account_Name": name, **more}
    contact = {"contact_person_id": "1", "contact_id": "", "first_name": "Mara", "last_name": "Oduya", "email": email}
    people = (add(connection, "contact", person(contact)),) if email else ()
    return Party(add(connection, "account", account(row)), people, "EUR")


def test_a_contact_persons_e_mail_in_books_makes_it_certain(connection: Connection) -> None:
    books(connection, "1", "Orchard Foods")
    row = {
        "contact_person_id": "9",
        "contact_id": "1",
        "first_name": "M",
        "last_name": "O",
        "email": "m@orchard.example",
    }
    add(connection, "person", person(row))
    found = match_in_mirror(connection, wanted(connection, "Orchard Foods Ltd", "M@orchard.example"))
    assert found.verdict == Verdict.CERTAIN and found.chosen is not None and found.chosen.party.id == "1"


@pytest.mark.parametrize(
    ("name", "more", "asked", "reason"),
    [
        ("Kestrel Optics Ltd", {}, "Kestrel Optics Limited", "same name"),
        ("Kestrel Optics", {}, "Kestrell Optics GmbH", "name alike"),
        ("DataWorks", {}, "Data Works", "same name"),
        ("Otherwise", {"vat_reg_no": "DE 123"}, "Kestrel", "same tax number"),
        ("Otherwise", {"phone": "030 123456"}, "Kestrel", "same phone"),
    ],
)
def test_a_customer_without_e_mail_is_found_and_asked_about(
    connection: Connection, name: str, more: dict[str, str], asked: str, reason: str
) -> None:
    books(connection, "1", name, **more)
    crm = {"VAT_ID": "de123", "Phone": "+49 30 123456"} if more else {}
    found = match_in_mirror(connection, wanted(connection, asked, **crm))
    assert found.verdict == Verdict.REVIEW and reason in found.candidates[0].reasons
    assert 0 < found.candidates[0].score <= 1


def test_who_shares_only_a_first_name_is_nobody(connection: Connection) -> None:
    books(connection, "1", "Anna Kowalczyk")
    assert match_in_mirror(connection, wanted(connection, "Anna Smith")).verdict == Verdict.CREATE


def test_scores_from_which_records_are_the_same_are_settings_that_cant_contradict_each_other() -> None:
    connection = make_connection()
    form = SettingsForm(connection, initial_settings(connection) | {"match_likely": 90, "match_certain": 80})
    assert not form.is_valid() and form.errors["match_likely"] == [
        "Choose at most 80, the score from which they are surely the same."
    ]
