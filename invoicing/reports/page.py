"""What the page of a report shows: its rows a page at a time, and the sums of all of them; no call to Zoho."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.urls import reverse

from accounts.models import Connection
from accounts.roles import may, sees_all
from invoicing.reports import reps
from invoicing.reports.asked import Asked, months_back
from invoicing.reports.lead_times import FLOWS
from invoicing.reports.owed import GROUPS
from invoicing.reports.shape import Column, Line, Report
from invoicing.reports.standing import STATES
from syncjobs.models import Checkpoint
from zbridge.money import Money, display

PER_PAGE = 50
MONTHS = 24
LABELS = {
    "month": "Month", "rep": "Rep", "currency": "Currency", "customer": "Customer begins with", "by": "By",
    "state": "State", "connection": "Organisation", "flow": "Step",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One value as text; where it leads, and whether it stands to the right."""

    text: str
    link: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter as its form field: a choice of several, or a text."""

    name: str
    label: str
    value: str
    choices: Sequence[tuple[str, str]] = ()


def page(report: Report, asked: Asked, number: int, connections: Sequence[Connection]) -> dict[str, Any]:
    """Two queries for rows and sums, whatever their number, and what filters and the chart need."""
    columns = report.columns(asked)
    first = max(number - 1, 0) * PER_PAGE
    rows = list(report.rows(asked)[first : first + PER_PAGE + 1])
    sums = list(report.sums(asked))
    drawn = report.chart(asked, sums) if sums else None
    address = reverse(f"reports:{report.name}")
    return {
        "report": report, "wanted": asked,
        "headers": [Cell(one.title, is_number=one.money or one.number) for one in columns], "address": address,
        "rows": [[cell(one, row, asked) for one in columns] for row in rows[:PER_PAGE]],
        "sums": [_sum(columns, row) for row in sums], "number": sum(row["number"] for row in sums), "chart": drawn,
        "filters": filters(report.filters, asked, connections), "as_of": as_of(report.kinds, asked.connection),
        "before": _at(asked, number - 1) if number > 1 else "",
        "after": _at(asked, number + 1) if len(rows) > PER_PAGE else "", "first": first + 1,
        "last": first + min(len(rows), PER_PAGE), "nearest": None if rows else _nearest(report, asked),
        "exports": exports(address, asked) if rows and may(asked.user, "export") else [],
    }  # fmt: skip


def _at(asked: Asked, number: int) -> str:
    query = asked.query()
    return f"{query}{'&' if len(query) > 1 else ''}p={number}"


def exports(address: str, asked: Asked) -> list[tuple[str, str]]:
    """The report as it is filtered now, in each form."""
    return [(form.upper(), f"{address}export/{asked.query(format=form)}") for form in ("csv", "xlsx", "json")]


def cell(column: Column, row: Line, asked: Asked) -> Cell:
    """The value of a column in a row, in words and figures."""
    value = column.value(row, asked)
    link = column.link(row) if column.link else ""
    if column.money:
        return Cell(money(value, row["currency"]), link, is_number=True)
    return Cell(plain(value), link, is_number=column.number)


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency; a dash where there is none."""
    return "–" if amount is None else display(Money(amount, currency))


def plain(value: object) -> str:
    """A day, a number or a text as people read it."""
    if isinstance(value, date):
        return f"{value:%-d %b %Y}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) if value not in (None, "") else "–"


def _sum(columns: Sequence[Column], row: Line) -> list[Cell]:
    """The sums of one currency under their columns."""
    known = {name.rstrip("_"): value for name, value in row.items()}
    cells = [Cell(f"All {row['number']:,}, {row['currency']}")]
    for column in columns[1:]:
        value = known.get(column.name.rstrip("_")) if column.money or column.name == "number" else None
        text = "" if value is None else money(value, row["currency"]) if column.money else plain(value)
        cells.append(Cell(text, is_number=True))
    return cells


def filters(names: Sequence[str], asked: Asked, connections: Sequence[Connection]) -> list[Filter]:
    """The report's filters with their choices; a rep sees only her own and isn't asked whose."""
    wanted = [name for name in names if name != "rep" or sees_all(asked.user)]
    if len(connections) > 1:
        wanted.insert(0, "connection")
    return [
        Filter(name, LABELS[name], asked.get(name), _choices(name, asked, connections)) for name in wanted
    ]  # fmt: skip


def _choices(name: str, asked: Asked, connections: Sequence[Connection]) -> Sequence[tuple[str, str]]:
    if name == "connection":
        return [(str(row.pk), str(row)) for row in connections]
    if name == "month":
        return [("", "All"), *((f"{one:%Y-%m}", f"{one:%B %Y}") for one in _months(asked))]
    if name == "rep":
        return [("", "All"), *sorted(reps.names(asked.connection).items(), key=lambda pair: pair[1])]
    if name == "currency":
        codes = {str(row.get("code", "")) for row in asked.connection.currencies} | {asked.connection.currency}
        return [("", "All"), *((code, code) for code in sorted(codes - {""}))]
    if name == "flow":
        return [(str(flow), title) for flow, title in FLOWS.items()]
    if name == "by":
        return list(GROUPS.items())
    return [("", "All"), *STATES.items()] if name == "state" else ()


def _months(asked: Asked) -> list[date]:
    months = months_back(asked.today, MONTHS)
    return months if asked.first is None or asked.first in months else [asked.first, *months]


def as_of(kinds: Sequence[str], connection: Connection) -> datetime | None:
    """When the oldest of the lists that it rests on was last read to the end; None when one never was."""
    rows = Checkpoint.objects.filter(connection=connection, kind__in=kinds)
    found: datetime | None = rows.aggregate(oldest=Min("read_at"))["oldest"]
    return found


def _nearest(report: Report, asked: Asked) -> dict[str, str] | None:
    """The month nearest to an empty one that has rows, and the way there."""
    day = report.nearest(asked) if asked.first else None
    if day is None:
        return None
    return {"month": f"{day:%B %Y}", "query": asked.query(month=f"{day:%Y-%m}")}
