"""*Figures in CRM*: RevOps chooses into which fields of CRM they go; the auditor reads, others see nothing."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts import figure_fields
from accounts.clients import seams
from accounts.figure_fields import MODULES
from accounts.figure_form import stamp
from accounts.models import AuditEvent, Connection, CrmField
from accounts.own_fields import make_fields
from tests.people import browser
from zbridge.simulator.app import Simulator
from zbridge.simulator.crm_custom_fields import delete_field, put_field

pytestmark = pytest.mark.django_db


def page(connection: Connection) -> str:
    return f"/admin/accounts/connection/{connection.pk}/figures/"


def sent(connection: Connection, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with what a person changes."""
    connection.refresh_from_db()
    keys = [one.key for found in MODULES.values() for one in found]
    shown = {key: connection.crm_fields.get(key, "not yet") for key in keys}
    return shown | {"seen": stamp(connection)} | changed


def keep(connection: Connection, name: str = "cy", **changed: str) -> Any:
    return browser(name).post(f"{page(connection)}keep/", sent(connection, **changed))


def test_the_fields_were_made_when_connecting_and_each_figure_says_where_it_goes(connection: Connection) -> None:
    said = browser("cy").get(page(connection)).content.decode()
    assert "Accounts and deals show 15 figures of Books." in said
    assert "Books Outstanding" in said and "Books Invoice Balance" in said and "Keep the choice" in said


def test_a_field_that_is_there_is_chosen_by_its_label_and_only_fields_of_the_right_type_are_offered(
    connection: Connection, zoho: Simulator
) -> None:
    put_field(zoho, "Accounts", "Owes_Us", {"label": "Owes us", "data_type": "double"})
    put_field(zoho, "Accounts", "Money", {"label": "Their money", "data_type": "currency"})
    browser("cy").post(f"{page(connection)}read/")
    offered = {label for _, label in figure_fields.offered(connection, "Accounts")["account_outstanding"]}
    assert "Owes us" in offered and not {"Their money", "Annual Revenue", "Industry", "Exchange Rate"} & offered
    assert keep(connection, account_outstanding="Owes_Us").status_code == 302
    connection.refresh_from_db()
    assert connection.crm_fields["account_outstanding"] == "Owes_Us"
    event = AuditEvent.objects.get(verb="figures")
    assert event.actor == "cy" and event.sentence.endswith("changed: Outstanding.")


def test_what_a_person_chose_stays_chosen_when_fields_are_made_again(connection: Connection, cy: Any) -> None:
    keep(connection, account_summary="", account_outstanding="Books_Overdue_Amount", account_overdue="")
    connection.refresh_from_db()
    make_fields(connection, cy, seams())
    names = connection.crm_fields
    assert (names["account_summary"], names["account_overdue"]) == ("", "")
    assert names["account_outstanding"] == "Books_Overdue_Amount"


def test_a_second_organisation_of_the_same_crm_writes_no_account_until_other_fields_are_chosen(
    connection: Connection, cy: Any
) -> None:
    second = Connection.objects.create(
        name="Inc", data_centre="simulator", crm_org_id=connection.crm_org_id, state="connected", currency="USD",
        currencies=connection.currencies,
    )  # fmt: skip
    figure_fields.read(connection, seams().clients(connection), seams().clock)
    CrmField.objects.update(connection=second)
    assert "Books_Outstanding" in figure_fields.taken_by_others(second)
    assert figure_fields.offered(second, "Accounts")["account_outstanding"] == []
    assert ("Books_Invoice_Total", "Books Invoice Total") in figure_fields.offered(second, "Deals")["total"]


def test_a_currency_with_more_decimals_than_the_field_takes_is_said(connection: Connection) -> None:
    assert figure_fields.judge(connection).state == "ok", "they were made with enough"
    CrmField.objects.filter(api_name="Books_Outstanding").update(digits=2)
    found = figure_fields.judge(connection)
    assert found.state == "amber" and "takes 2 decimals in CRM, and a currency of Books has more" in found.sentence


def test_two_figures_never_go_into_one_field(connection: Connection) -> None:
    answer = keep(connection, account_outstanding="Books_Overdue_Amount")
    assert answer.status_code == 400 and "goes into this field already" in answer.content.decode()
    connection.refresh_from_db()
    assert connection.crm_fields["account_outstanding"] == "Books_Outstanding"


def test_a_choice_made_on_an_old_page_is_not_kept(connection: Connection) -> None:
    old = sent(connection, account_summary="")
    keep(connection, fire_workflows="on")
    browser("cy").post(f"{page(connection)}keep/", old)
    connection.refresh_from_db()
    assert connection.crm_fields["account_summary"] == "Books_Summary" and connection.fire_workflows


def test_a_deleted_field_is_red_and_one_press_makes_it_again(connection: Connection, zoho: Simulator) -> None:
    delete_field(zoho, "Accounts", "Books_Outstanding")
    browser("cy").post(f"{page(connection)}read/")
    there = f"/admin/accounts/connection/{connection.pk}/"
    assert "CRM no longer has the field for “Books Outstanding” (account)" in browser("dee").get(there).content.decode()
    assert "no longer in CRM" in browser("cy").get(page(connection)).content.decode()
    browser("cy").post(f"{page(connection)}create/")
    assert "Accounts and deals show 15 figures" in browser("cy").get(there).content.decode()
    assert CrmField.objects.filter(api_name="Books_Outstanding").count() == 1


def test_an_edition_with_few_custom_fields_makes_what_it_can_and_says_so(
    empty_connection: Connection, empty_zoho: Simulator
) -> None:
    for name in ("Books_Summary", "Books_Outstanding", "Books_Currency"):
        delete_field(empty_zoho, "Accounts", name)
    org = empty_zoho.store.get("sim", "crm_orgs", str(empty_zoho.store.setting("crm_org_id"))) or {}
    empty_zoho.store.save(
        "sim", "crm_orgs", org["id"], org | {"edition": "standard"}, created="", modified="", written=0.0, keys={}
    )  # fmt: skip
    answer = browser("cy").post(f"{page(empty_connection)}create/", follow=True).content.decode()
    assert "CRM didn&#x27;t make all fields of Accounts: limit exceeded." in answer
    empty_connection.refresh_from_db()
    assert empty_connection.invoice_key_field and empty_connection.crm_fields["number"] == "Books_Invoice_Number"


@pytest.mark.parametrize(("name", "looks"), [("ada", 403), ("ben", 403), ("cy", 200), ("dee", 200)])
def test_only_revops_changes_it_and_the_auditor_reads(connection: Connection, name: str, looks: int) -> None:
    assert browser(name).get(page(connection)).status_code == looks
    for deed in ("keep", "create", "read"):
        answer = browser(name).post(f"{page(connection)}{deed}/", sent(connection))
        assert (answer.status_code == 403) == (name != "cy")
    if name == "dee":
        said = browser(name).get(page(connection)).content.decode()
        assert "Keep the choice" not in said and "Create the fields for me" not in said


def test_the_page_asks_nothing_of_zoho_and_few_questions_of_the_database(
    connection: Connection, zoho: Simulator
) -> None:
    client, asked = browser("cy"), len(zoho.log.since(0))
    client.get(page(connection))
    with CaptureQueriesContext(database) as few:
        client.get(page(connection))
    CrmField.objects.bulk_create(
        CrmField(
            connection=connection, module="Accounts", api_name=f"F{place}", label=f"F{place}", type="text",
            read_at=connection.created_at,
        )
        for place in range(200)
    )  # fmt: skip
    with CaptureQueriesContext(database) as many:
        client.get(page(connection))
    assert len(many) == len(few) <= 30 and len(zoho.log.since(0)) == asked
