"""Lists and their files: few queries however many rows, bounded counts, inert cells, and exactly what was filtered."""

import csv
import json
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection as database
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts import exports
from accounts.house_admin import HouseAdmin
from accounts.house_list import COUNTED, MANY, BoundedPaginator
from accounts.models import Connection, Exchange
from invoicing.models import Deal
from syncjobs.models import Record
from tests.apps import sample_rows
from tests.apps.sample_rows import make_connection, make_problem, make_run, sample
from tests.people import browser, person

HOUSE_LISTS = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model, found in admin.site._registry.items()
    if isinstance(found, HouseAdmin)
]


def more_rows(connection: Connection, first: int, last: int) -> None:
    for number in range(first, last):
        make_run(connection, 100 + number)
        make_problem(connection, 100 + number)
        sample_rows.make_rows(connection, f"x{number}")


def queries(path: str) -> int:
    client = browser("cy")
    client.get(path)
    with CaptureQueriesContext(database) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def _least(path: str) -> int:
    """Without what the frame looks up once in a while."""
    return min(queries(f"{path}?tab=all") for _ in range(2))


@pytest.mark.django_db
@pytest.mark.parametrize("path", HOUSE_LISTS)
def test_a_list_of_thirty_rows_asks_the_database_as_often_as_one_of_five(path: str) -> None:
    connection = sample()["connection"]
    more_rows(connection, 0, 5)
    few = _least(path)
    more_rows(connection, 5, 30)
    assert _least(path) == few
    assert few <= 12


def plan_of(path: str) -> str:
    """How the database would find the page's rows."""
    request: Any = RequestFactory().get(f"/admin/invoicing/{path}")
    request.user = person("cy")
    found = admin.site._registry[apps.get_model("invoicing", path.split("/")[0])]
    return str(found.get_changelist_instance(request).queryset[:25].explain())


@pytest.mark.django_db
@pytest.mark.skipif(database.vendor != "sqlite", reason="PostgreSQL sorts a small table whatever its indexes")
@pytest.mark.parametrize(
    "path",
    [
        "account/?tab=all", "invoice/?tab=all", "invoice/?tab=drafts", "invoice/?tab=open", "invoice/?tab=overdue",
        "invoice/?tab=ours", "payment/?tab=all", "payment/?tab=unused", "payment/?tab=gone", "creditnote/?tab=all",
        "creditnote/?tab=usable", "pricedrift/?tab=all", "pricedrift/?tab=different", "pricedrift/?tab=same",
        "listprice/?tab=all", "listprice/?tab=different", "listprice/?tab=missing", "listprice/?tab=all&list=dealers",
    ],
)  # fmt: skip
def test_a_page_of_a_long_list_is_read_in_the_order_of_an_index_and_nothing_is_sorted(path: str) -> None:
    make_connection()
    assert "TEMP B-TREE" not in plan_of(path), plan_of(path)


@pytest.mark.django_db
@pytest.mark.skipif(database.vendor != "sqlite", reason="PostgreSQL scans a small table whatever its indexes")
@pytest.mark.parametrize(
    "path",
    [
        "account/?tab=all&q=acme",
        "invoice/?tab=all&q=INV-7",
        "payment/?tab=all&q=7",
        "pricedrift/?q=dsk",
        "listprice/?q=dsk",
    ],
)
def test_a_search_is_answered_by_indexes(path: str) -> None:
    make_connection()
    assert "SCAN" not in plan_of(path), plan_of(path)


@pytest.mark.django_db
def test_a_big_table_is_not_counted_to_its_end() -> None:
    connection = make_connection()
    calls: dict[str, Any] = {
        "connection": connection,
        "priority": "poll",
        "started_at": sample_rows.NOW,
        "outcome": "OK",
    }
    Exchange.objects.bulk_create(Exchange(**calls, template=f"/t/{number}") for number in range(COUNTED + 60))
    paginator = BoundedPaginator(Exchange.objects.order_by("pk"), 25)
    assert paginator.count == MANY and paginator.many
    page = browser("cy").get("/admin/accounts/exchange/?p=42").content.decode()
    assert "1026–1050 of many" in page and 'rel="next"' in page


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠", " =", "\n="])
def test_a_cell_that_could_be_a_formula_is_made_inert(start: str) -> None:
    assert exports.inert(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-5, Decimal("-12.50"), 0])
def test_numbers_stay_numbers(value: object) -> None:
    assert exports.inert(value) == value


def test_a_header_is_guarded_like_a_cell() -> None:
    assert next(exports.csv_lines(["=name", "plain"], [])).startswith("'=name,plain")


def test_a_workbook_has_no_formula_and_leaves_out_what_the_format_forbids() -> None:
    made = exports.xlsx(["=h"], [["=1+1"], [Decimal("-2.5")], ["bell\x07"]])
    sheet = load_workbook(BytesIO(made)).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows()]
    assert [cell.value for cell in cells] == ["'=h", "'=1+1", -2.5, "bell"]
    assert {cell.data_type for cell in cells} == {"s", "n"}


@pytest.fixture
def customers(db: None) -> list[str]:
    connection = make_connection()
    owed: Any = Decimal("-480.00")
    names = ["=cmd|' /C calc'!A0", "Acme Ltd", "Acorn", "Birchwood"]
    for number, name in enumerate(names):
        Record.objects.create(
            connection=connection, kind="customer", remote_id=str(number), name=name, name_key=name.lower(),
            outstanding=owed, read_at=sample_rows.NOW, digest="0", active=number < 3,
        )  # fmt: skip
    return names


def file_of(query: dict[str, str], form: str = "csv") -> Any:
    answer: Any = browser("ben").get("/admin/syncjobs/customer/export/", {**query, "format": form})
    return answer.getvalue()


def test_a_file_holds_exactly_the_rows_of_the_list_with_its_tab_and_search(customers: list[str]) -> None:
    def found(query: dict[str, str]) -> list[str]:
        return [row["name"] for row in json.loads(file_of(query, "json"))]

    assert found({"tab": "all"}) == sorted(customers)
    assert found({"tab": "gone"}) == ["Birchwood"]
    assert found({"tab": "all", "q": "ac"}) == ["Acme Ltd", "Acorn"]


def test_a_customer_called_like_a_formula_is_text_in_the_file_and_a_negative_amount_a_number(
    customers: list[str],
) -> None:
    rows = list(csv.DictReader(StringIO(file_of({}).decode())))
    assert rows[0]["name"] == "'=cmd|' /C calc'!A0" and rows[0]["outstanding"] == "-480"


def test_an_unknown_form_is_no_file(customers: list[str]) -> None:
    assert browser("ben").get("/admin/syncjobs/customer/export/?format=html").status_code == 404


@pytest.mark.django_db
def test_calls_to_crm_and_to_books_stand_on_tabs_of_their_own() -> None:
    row: dict[str, Any] = {"connection": make_connection(), "priority": "poll", "started_at": sample_rows.NOW}
    for side in ("crm", "books"):
        Exchange.objects.create(**row, side=side, template=f"/{side}/rows", outcome="OK")
    page = browser("cy").get("/admin/accounts/exchange/?tab=books").content.decode()
    assert "/books/rows" in page and "/crm/rows" not in page


@pytest.mark.django_db
def test_the_search_finds_an_account_s_deals_and_a_customer_s_invoices_by_its_name() -> None:
    connection = make_connection()
    sample_rows.make_rows(connection, "ada")
    deal = Deal.objects.get()
    Deal.objects.update(name="Warehouse fit-out", name_key="warehouse fit out")
    page = browser("ada").get("/admin/search/", {"q": deal.account_name}).content.decode()
    assert "Warehouse fit-out" in page
    assert "INV-ada" in browser("ada").get("/admin/search/", {"q": "ada's customer"}).content.decode()
