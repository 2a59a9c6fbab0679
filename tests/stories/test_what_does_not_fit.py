"""What can't be carried stays in its row, says why where it is mended, and everything else goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Connection, User
from syncjobs import misfits
from syncjobs.domain import transforms
from syncjobs.domain.records import Side
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import Link, Mapping, Plan, PlannedWrite, Problem, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from zbridge.clock import SteppedClock
from zbridge.simulator import crm_custom_fields
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
HALVES = {"product": ("item", "product", "products"), "customer": ("customer", "account", "contact", "customers")}
Sync = Callable[[str], Run]
NAUGHTY = (
    "Robert'); DROP TABLE Students;--", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "“Œuvre” & Söhne – 株式会社",
    "Zalgo t̴e̶x̷t̸", "👩‍👩‍👧 Family", "null", "undefined", "1E5", "0x10", "true", "  two  spaces  ", "\u202eright to left",
    "a\ttab", "%s %d {0} ${x}", "\\backslash\\", "quote\"quote'quote",
)  # fmt: skip


@pytest.fixture
def sync(company: Connection, cy: User, clock: SteppedClock) -> Sync:
    """Both pairs are switched on; each call reads one of them and keeps it in step."""
    for pair in HALVES:
        mapping = mapping_of(company, pair, clock)
        mapping.lines.filter(name__in=["rep", "limit", "since"]).delete()
        switch(mapping, cy, clock, on=True)

    def run(pair: str) -> Run:
        clock.advance(400)
        for kind in HALVES[pair]:
            found = work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=3600)
            found.refresh_from_db()
        return found

    for pair in HALVES:
        run(pair)
    return run


def pair_of(company: Connection, name: str) -> tuple[str, str]:
    record = Record.objects.get(connection=company, kind__in=["account", "product"], name=name)
    return record.remote_id, Link.objects.get(
        connection=company, crm_id=record.remote_id, crm_kind=record.kind
    ).books_id


def in_books(zoho: Simulator, module: str, identity: str) -> dict[str, Any]:
    return dict(zoho.verbs("books").read(zoho, module, identity) or {})


def test_a_pick_list_value_without_a_partner_waits_to_be_mapped_and_the_rest_goes_on(
    company: Connection, sync: Sync, zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    account, customer = pair_of(company, "Bramble & Co")
    zoho.user_update("books", "contacts", customer, {"payment_terms": 90, "payment_terms_label": "Net 90"})
    zoho.user_update("crm", "Accounts", account, {"Billing_City": "Celle"})
    run = sync("customer")
    assert run.writes == 1 and "1 value waits to be mapped" in run.sentence
    assert in_books(zoho, "contacts", customer)["billing_address"]["city"] == "Celle"
    problem = Problem.objects.get(cause="unfit")
    assert "“90” is not mapped yet" in problem.sentence and "Bramble & Co waits." in problem.sentence
    mapping = Mapping.objects.get(pair="customer")
    page = browser("cy").get(f"/admin/syncjobs/mapping/{mapping.pk}/").content.decode()
    assert "“90” is not mapped yet" in page
    line = mapping.lines.get(name="terms")
    line.settings["pairs"].append(["Net 90", 90])
    line.save()
    assert sync("customer").writes == 1
    assert (zoho.verbs("crm").read(zoho, "Accounts", account) or {})["Payment_Terms"] == "Net 90"
    assert misfits.waiting(mapping) == {}


def test_a_transform_that_raises_stays_in_its_field(
    company: Connection, sync: Sync, zoho: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: transforms.Text, side: Side, value: Any) -> str:
        raise RuntimeError("a programmer's mistake")

    monkeypatch.setattr(transforms.Phone, "read", broken)
    account, customer = pair_of(company, "Bramble & Co")
    zoho.user_update("crm", "Accounts", account, {"Billing_City": "Celle"})
    run = sync("customer")
    assert (run.writes, run.state) == (1, "complete")
    plan = Plan.objects.filter(pair="customer").first()
    assert plan is not None and plan.misfit_count == 38
    assert plan.misfits[0]["sentence"] == "Phone: “Phone number” failed (RuntimeError)."


def test_a_field_that_somebody_deleted_in_crm_is_told_and_others_go_on(
    company: Connection, sync: Sync, zoho: Simulator
) -> None:
    crm_custom_fields.delete_field(zoho, "Accounts", "Segment")
    account, customer = pair_of(company, "Bramble & Co")
    zoho.user_update("crm", "Accounts", account, {"Billing_City": "Celle"})
    run = sync("customer")
    assert run.writes == 1
    assert in_books(zoho, "contacts", customer)["cf_segment"] == "Retail"
    assert "CRM shows no such field" in Problem.objects.get(cause="unfit").sentence


def test_a_name_longer_than_books_takes_is_refused_and_stays_in_its_row(
    company: Connection, sync: Sync, zoho: Simulator
) -> None:
    product, item = pair_of(company, "Sit-stand desk frame")
    zoho.user_update("crm", "Products", product, {"Product_Name": "x" * 120, "Description": "Steel"})
    run = sync("product")
    assert (run.writes, run.failed, run.state) == (0, 1, "incomplete")
    write = PlannedWrite.objects.latest("pk")
    assert (write.outcome, "100" in write.sentence) == ("refused", True), write.sentence
    zoho.user_update("crm", "Products", product, {"Product_Name": "y" * 100})
    assert sync("product").writes == 1
    assert in_books(zoho, "items", item)["name"] == "y" * 100


def test_a_name_that_another_customer_or_a_vendor_holds_is_refused_with_books_words(
    company: Connection, sync: Sync, zoho: Simulator
) -> None:
    zoho.user_create("books", "contacts", {"contact_name": "Vendor Ltd", "contact_type": "vendor"})
    account, customer = pair_of(company, "Bramble & Co")
    zoho.user_update("crm", "Accounts", account, {"Account_Name": "Vendor Ltd"})
    run = sync("customer")
    assert (run.writes, run.failed) == (0, 1)
    assert "already exists" in PlannedWrite.objects.latest("pk").sentence
    assert in_books(zoho, "contacts", customer)["contact_name"] == "Bramble & Co"


def test_a_product_without_a_code_becomes_an_item_without_sku(company: Connection, sync: Sync, zoho: Simulator) -> None:
    Mapping.objects.filter(pair="product").update(creates_in_books=True)
    zoho.user_create("crm", "Products", {"Product_Name": "Nameless code", "Unit_Price": 3})
    assert sync("product").created >= 1
    made = [row for row in zoho.verbs("books").rows(zoho, "items") if row["name"] == "Nameless code"]
    assert [row["sku"] for row in made] == [""]
    assert sync("product").writes == 0


@pytest.mark.parametrize("state", ["locked", "waits for approval"])
def test_an_account_that_can_not_be_written_now_is_written_later(
    company: Connection, sync: Sync, zoho: Simulator, state: str
) -> None:
    account, customer = pair_of(company, "Bramble & Co")
    zoho.act("crm", "Accounts", account, "lock" if state == "locked" else "submit")
    zoho.user_update("books", "contacts", customer, {"vat_reg_no": "DE999999999"})
    run = sync("customer")
    assert (run.writes, run.failed) == (0, 1) and "locked" in PlannedWrite.objects.latest("pk").sentence
    zoho.act("crm", "Accounts", account, "unlock" if state == "locked" else "approve")
    assert sync("customer").writes == 1


def test_the_same_value_typed_on_both_sides_is_agreed_without_a_write(
    company: Connection, sync: Sync, zoho: Simulator
) -> None:
    account, customer = pair_of(company, "Halcyon Clinics")
    zoho.user_update("crm", "Accounts", account, {"VAT_ID": "DE123123123"})
    zoho.user_update("books", "contacts", customer, {"vat_reg_no": "DE123123123"})
    assert sync("customer").writes == 0
    assert Link.objects.get(pair="customer", crm_id=account).base["vat"] == "DE123123123"


def test_naughty_strings_go_over_as_they_are_and_come_to_rest(company: Connection, sync: Sync, zoho: Simulator) -> None:
    products = [row for row in zoho.verbs("crm").rows(zoho, "Products") if row["Product_Code"]][: len(NAUGHTY)]
    linked = {link.crm_id: link.books_id for link in Link.objects.filter(pair="product")}
    typed = {}
    for row, text in zip([row for row in products if row["id"] in linked], NAUGHTY, strict=False):
        zoho.user_update("crm", "Products", row["id"], {"Description": text})
        typed[linked[row["id"]]] = text
    run = sync("product")
    assert run.writes == len(typed) > 10, run.sentence
    for item, text in typed.items():
        assert in_books(zoho, "items", item)["description"] == text.strip()
    assert [sync("product").writes for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_ten_minutes_off_hides_no_edit_and_overwrites_none(
    company: Connection, sync: Sync, zoho: Simulator, clock: SteppedClock, minutes: int
) -> None:
    zoho.clock.move_to(zoho.clock.now() + timedelta(minutes=minutes))
    product, item = pair_of(company, "Sit-stand desk frame")
    sync("product")
    zoho.user_update("crm", "Products", product, {"Description": "Steel"})
    assert sync("product").writes == 1
    assert in_books(zoho, "items", item)["description"] == "Steel"
    zoho.user_update("books", "items", item, {"rate": 99})
    clock.advance(400)
    for kind in ("item", "product"):
        work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=600)
    clock.advance(5)
    zoho.user_update("crm", "Products", product, {"Unit_Price": 98})
    zoho.user_update("books", "items", item, {"rate": 97})
    run = work_to_end(start_run(company, "products", clock, doorbell=False), bulk_reader(), patience=600)
    run.refresh_from_db()
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "98"
    assert [sync("product").writes for _ in range(2)] == [0, 0]
    assert run.conflicts or company.conflict_set.filter(field="price", closed_at=None).exists()
