"""Large files are made in the background, for one person with her rights, and end the same however often stopped."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from openpyxl import load_workbook

from accounts import exporting, sheets
from accounts.models import AuditEvent, Connection, Export
from accounts.tasks import work_export
from invoicing.models import Deal, Invoice
from tests.apps.sample_rows import GROSS, NOW, make_connection
from tests.people import browser, person
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db
INVOICES = "/admin/invoicing/invoice/export/"
ROWS = 25


@pytest.fixture
def many(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Connection:
    """Invoices of three customers, more than are made while somebody waits, written four at a time."""
    settings.HOME = tmp_path
    monkeypatch.setattr(exporting, "LARGE", 10)
    monkeypatch.setattr(exporting, "CHUNK", 4)
    connection = make_connection()
    Invoice.objects.bulk_create(
        Invoice(
            connection=connection, read_at=NOW, digest="0", books_id=str(number), number=f"INV-{number:03}",
            status="sent" if number % 5 else "paid", customer_id=f"c-{number % 3}", customer_name="=cmd|' /C calc'!A0",
            currency="EUR", total=GROSS, balance=GROSS if number % 5 else 0, due_on=date(2099, 1, 1),
            issued_on=NOW.date(),
        )
        for number in range(ROWS)
    )  # fmt: skip
    return connection


def asked(who: str, address: str = INVOICES, **query: str) -> Export:
    """What stands on the page of exports after the person asked."""
    answer: Any = browser(who).get(address, {"format": "csv", **query})
    assert (answer.status_code, answer.url) == (302, "/admin/accounts/export/"), answer.status_code
    return Export.objects.latest("pk")


def made(row: Export, clock: SteppedClock) -> Export:
    while (found := exporting.work(row.pk, clock)) is not None and found.moving:
        continue
    row.refresh_from_db()
    return row


def fetched(who: str, row: Export) -> bytes:
    answer: Any = browser(who).get(f"/admin/accounts/export/{row.pk}/file/")
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content)


def test_a_large_list_becomes_a_file_with_its_filters_and_inert_cells(many: Connection, clock: SteppedClock) -> None:
    row = made(asked("ben", tab="open"), clock)
    assert (row.state, row.done, row.total) == ("done", 20, 20), row.sentence
    rows = list(csv.DictReader(StringIO(fetched("ben", row).decode())))
    assert [one["number"] for one in rows] == [f"INV-{number:03}" for number in range(ROWS) if number % 5]
    assert {one["customer_name"] for one in rows} == {"'=cmd|' /C calc'!A0"}
    assert {one["total"] for one in rows} == {"14851.2"}
    verbs = list(AuditEvent.objects.filter(verb="export").order_by("pk").values_list("sentence", flat=True))
    assert [said.split()[0] for said in verbs] == ["Asked", "Fetched"]


def test_json_and_a_workbook_say_the_same_as_the_csv(many: Connection, clock: SteppedClock) -> None:
    found = json.loads(fetched("ben", made(asked("ben", format="json"), clock)))
    sheet = load_workbook(BytesIO(fetched("ben", made(asked("ben", format="xlsx"), clock)))).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    assert [dict(zip(head, row, strict=True))["number"] for row in rows] == [row["number"] for row in found]
    assert {dict(zip(head, row, strict=True))["total"] for row in rows} == {14851.2}
    assert len(found) == ROWS


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize("stop", range(1, 10))
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_a_file_whose_worker_was_killed_ends_as_if_it_never_was(
    many: Connection, clock: SteppedClock, form: str, stop: int
) -> None:
    whole, row = made(asked("ben", format=form), clock), asked("ben", format=form)
    passed = []

    def point(name: str) -> None:
        passed.append(name)
        if len(passed) == stop:
            raise Killed

    try:
        exporting.work(row.pk, clock, point)
    except Killed:
        part = exporting.folder() / f"{row.pk}.part"
        if part.exists():
            part.write_bytes(part.read_bytes() + b"half a li")
        assert exporting.work(row.pk, clock) is None, "its lease still holds"
        clock.advance(exporting.LEASE.total_seconds() + 1)
        made(row, clock)
    row.refresh_from_db()
    assert (row.state, row.done) == ("done", ROWS)
    if form == "xlsx":
        books = [load_workbook(BytesIO(fetched("ben", one))).active for one in (whole, row)]
        first, second = ([list(line) for line in book.iter_rows(values_only=True)] for book in books if book)
        assert first == second
    else:
        assert fetched("ben", row) == fetched("ben", whole)


def test_rows_that_come_meanwhile_neither_double_nor_hide_others(many: Connection, clock: SteppedClock) -> None:
    row = asked("ben")

    def point(name: str) -> None:
        if name == "export chunk written" and not Invoice.objects.filter(books_id="new").exists():
            Invoice.objects.filter(number="INV-000").update(customer_name="Moved", issued_on="2020-01-01")
            first = Invoice.objects.get(number="INV-001")
            first.pk, first.books_id, first.number = None, "new", "INV-NEW"
            first.save()

    exporting.work(row.pk, clock, point)
    numbers = [one["number"] for one in csv.DictReader(StringIO(fetched("ben", row).decode()))]
    assert numbers == [*(f"INV-{number:03}" for number in range(ROWS)), "INV-NEW"]


def test_only_who_asked_may_fetch_it(many: Connection, clock: SteppedClock) -> None:
    row = made(asked("ben"), clock)
    for other in ("cy", "dee", "ada"):
        for way in ("file", "progress"):
            assert browser(other).get(f"/admin/accounts/export/{row.pk}/{way}/").status_code == 404
        assert "Fetch the file" not in browser(other).get("/admin/accounts/export/").content.decode()
    assert "Fetch the file" in browser("ben").get("/admin/accounts/export/").content.decode()


def test_a_person_who_lost_her_role_meanwhile_gets_nothing(many: Connection, clock: SteppedClock) -> None:
    before, after = asked("dee"), made(asked("dee"), clock)
    dee = person("dee")
    dee.groups.set([Group.objects.get(name="rep")])
    made(before, clock)
    assert (before.state, before.file_name) == ("refused", "")
    client = browser()
    client.force_login(dee)
    assert client.get(f"/admin/accounts/export/{after.pk}/file/").status_code == 403


def test_a_reps_file_holds_her_own_rows_only(many: Connection, clock: SteppedClock) -> None:
    ada = person("ada")
    for number in range(30):
        Deal.objects.create(
            connection=many, read_at=NOW, digest="0", crm_id=f"d{number}", name=f"Deal {number}",
            owner_id=ada.crm_user_id if number < 15 else "u-raj",
        )  # fmt: skip
    row = made(asked("ada", "/admin/invoicing/deal/export/", tab="all"), clock)
    names = [one["name"] for one in csv.DictReader(StringIO(fetched("ada", row).decode()))]
    assert names == [f"Deal {number}" for number in range(15)]


def test_the_page_shows_how_far_it_is(many: Connection, clock: SteppedClock) -> None:
    row = asked("ben")
    shown = browser("ben").get("/admin/accounts/export/").content.decode()
    assert f"/admin/accounts/export/{row.pk}/progress/" in shown and f"0 of {ROWS}" in shown
    told: Any = browser("ben").get(f"/admin/accounts/export/{row.pk}/progress/").json()
    assert (told["moving"], told["done"], told["total"]) == (True, 0, ROWS)
    work_export(row.pk)
    told = browser("ben").get(f"/admin/accounts/export/{row.pk}/progress/").json()
    assert (told["moving"], told["done"]) == (False, ROWS)


def test_a_sheet_that_can_t_hold_the_rows_says_what_to_do(
    many: Connection, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 20)
    row = made(asked("ben", format="xlsx"), clock)
    assert row.state == "refused" and "Ask for CSV" in row.sentence


def test_files_go_when_they_were_kept_long_enough(many: Connection, clock: SteppedClock) -> None:
    row = made(asked("ben"), clock)
    path = exporting.path_of(row)
    clock.advance(timedelta(days=7, hours=1).total_seconds())
    assert path.is_file() and exporting.expire(clock) == 1
    row.refresh_from_db()
    assert (row.state, path.exists()) == ("expired", False)
    assert browser("ben").get(f"/admin/accounts/export/{row.pk}/file/").status_code == 404


REPORTS = ("won-not-invoiced", "receivables", "call-list", "payments", "invoices", "reconciliation")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_every_report_is_a_file_in_every_form(many: Connection, name: str, form: str, clock: SteppedClock) -> None:
    query = {"format": form, "currency": "EUR", **({"month": f"{NOW:%Y-%m}"} if name == "reconciliation" else {})}
    answer: Any = browser("ben").get(f"/admin/reports/{name}/export/", query)
    if answer.status_code == 302:
        assert made(Export.objects.latest("pk"), clock).state == "done"
        return
    whole: bytes = answer.getvalue()
    assert answer.status_code == 200 and whole
    assert b"\n=" not in whole and b",=" not in whole


def test_a_report_made_in_the_background_keeps_its_filters(many: Connection, clock: SteppedClock) -> None:
    large = made(asked("ben", "/admin/reports/invoices/export/", state="open"), clock)
    rows = list(csv.DictReader(StringIO(fetched("ben", large).decode())))
    assert len(rows) == 20 and {one["State"] for one in rows} == {"Open, not due"}
    assert {one["Customer"] for one in rows} == {"'=cmd|' /C calc'!A0"}


def test_the_sums_of_a_file_are_those_of_its_page(many: Connection) -> None:
    page: Any = browser("ben").get("/admin/reports/receivables/")
    whole: Any = browser("ben").get("/admin/reports/receivables/export/?format=json")
    rows = json.loads(whole.getvalue())
    total = sum(float(one["Total"]) for one in rows)
    assert f"{total:,.2f} EUR" in [cell.text for row in page.context["sums"] for cell in row]


def test_a_small_file_comes_at_once(many: Connection, django_assert_max_num_queries: Callable[..., Any]) -> None:
    answer: Any = browser("ben").get(INVOICES, {"format": "csv", "q": "INV-001"})
    assert answer.status_code == 200 and answer.getvalue().decode().count("\n") == 2
    assert not Export.objects.exists()
