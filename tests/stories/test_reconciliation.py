"""Month M of the demo: won 410,200 and invoiced 388,100 in EUR, with every difference named, and nothing left over."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.clients import seams
from accounts.models import Connection, User
from invoicing import netting
from invoicing.domain.reconciliation import Cause, totals
from invoicing.models import Invoice
from invoicing.reconciling import NotReconciled, month
from invoicing.tasks import workbench
from syncjobs.mappings import mapping_of
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
FIGURES = {
    "won": "410200.00", "invoiced": "388100.00", "unexplained": "0.00",
    "causes": {
        "timing": "12000.00", "partial": "5000.00", "discount": "1000.00", "tax": "0.00", "currency": "0.00",
        "missing": "4100.00",
    },
}  # fmt: skip


def reconcile(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The command's exit code and answer."""
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("reconcile", *arguments, "--json", stdout=out, stderr=StringIO())
    return int(str(left.value.code)), json.loads(out.getvalue())


@pytest.fixture
def month_m(company: Connection) -> date:
    assert company.go_live is not None
    return company.go_live.replace(day=1)


def test_month_m_is_explained_to_the_cent(company: Connection, month_m: date, zoho: Simulator) -> None:
    code, found = reconcile("--month", f"{month_m:%Y-%m}")
    assert (code, found["month"]) == (0, f"{month_m:%Y-%m}")
    euros = found["currencies"]["EUR"]
    assert {name: euros[name] for name in FIGURES} == FIGURES
    ours = {one for row in month(company, month_m, seams().clock).rows for one in row.invoices}
    gross = sum(Invoice.objects.filter(books_id__in=ours, currency="EUR").values_list("total", flat=True))
    assert Decimal(euros["paid"]) + Decimal(euros["outstanding"]) == gross


def test_both_sides_are_counted_with_the_names_of_what_is_on_one_only(company: Connection, cy: User) -> None:
    mapping_of(company, "product", seams().clock)
    (products,) = reconcile()[1]["counts"]
    assert (products["kind"], products["crm"]) == ("product", products["linked"] + len(products["only_crm"]))
    assert products["books"] == products["linked"] + len(products["only_books"])


def test_net_amounts_are_read_once_and_again_only_when_the_total_changes(
    company: Connection, month_m: date, clock: SteppedClock
) -> None:
    unread = month(company, month_m, clock).unread
    assert len(unread) == netting.read(company, unread, workbench(patience=60.0))
    assert month(company, month_m, clock).unread == ()
    Invoice.objects.filter(pk=unread[0][0]).update(balance=0, status="paid")
    assert month(company, month_m, clock).unread == ()
    Invoice.objects.filter(pk=unread[0][0]).update(total=7)
    assert [pk for pk, _ in month(company, month_m, clock).unread] == [unread[0][0]]


def test_while_net_amounts_are_unknown_the_rest_is_called_unexplained(
    company: Connection, month_m: date, clock: SteppedClock
) -> None:
    total = totals(month(company, month_m, clock).rows)["EUR"]
    assert total.won - total.invoiced == sum(total.causes.values())
    assert total.causes[Cause.UNEXPLAINED] == 6000, "the discount and the part can't be told apart yet"


def test_books_that_gives_no_answer_leaves_the_figures_with_what_is_known(
    company: Connection, month_m: date, zoho: Simulator
) -> None:
    zoho.faults.add({"method": "GET", "path": "/books/v3/invoices/", "status": 503})
    code, found = reconcile("--month", f"{month_m:%Y-%m}")
    assert code == 3 and found["currencies"]["EUR"]["won"] == "410200.00"


def test_a_month_before_go_live_is_refused_politely(company: Connection, month_m: date, clock: SteppedClock) -> None:
    before = date(month_m.year - 1, 1, 1)
    with pytest.raises(NotReconciled, match="before go-live"):
        month(company, before, clock)
    with pytest.raises(CommandError) as refused:
        call_command("reconcile", "--month", f"{before:%Y-%m}", "--json")
    assert refused.value.returncode == 1
    with pytest.raises(CommandError) as mistyped:
        call_command("reconcile", "--month", "June", "--json")
    assert mistyped.value.returncode == 2


def test_the_queries_of_a_month_dont_grow_with_its_rows(
    company: Connection, month_m: date, clock: SteppedClock, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(12):
        month(company, month_m, clock)
