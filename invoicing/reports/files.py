"""Reports as files, with the filters of the page and the scope of the person; amounts stay numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts import exporting
from accounts.clients import seams
from accounts.exports import CHUNK, Source, Values
from accounts.models import Connection, User
from invoicing import reconciling
from invoicing.reports import lead_times, owed, paid, reconciled, standing, unbilled
from invoicing.reports.asked import Asked, asked
from invoicing.reports.shape import Column, Line, Report

REPORT = "report"
REPORTS: tuple[Report, ...] = (
    unbilled.REPORT, owed.REPORT, owed.CALLS, paid.REPORT, standing.REPORT, lead_times.REPORT,
)  # fmt: skip
CURRENCY = Column(title="Currency", name="currency")


def source(user: User, name: str, query: Mapping[str, str]) -> Source:
    """The report of that name as it was filtered. Raises PermissionDenied for whoever has no right to it."""
    connection = _connection(query)
    if name == reconciled.NAME and user.has_perm("invoicing.view_deal"):
        return _reconciliation(reconciled.of_month(user, connection, query, seams().clock))
    report = next((one for one in REPORTS if one.name == name), None)
    if report is None or not user.has_perm(report.right):
        raise PermissionDenied
    return _report(report, asked(user, connection, query, seams().clock))


def _connection(query: Mapping[str, str]) -> Connection:
    rows = Connection.objects.exclude(state=Connection.State.DRAFT).order_by("pk")
    wanted = query.get("connection", "")
    found = rows.filter(pk=int(wanted)).first() if wanted.isdecimal() else rows.first()
    if found is None:
        raise PermissionDenied
    return found


def _report(report: Report, found: Asked) -> Source:
    columns = list(report.columns(found))
    if any(one.money for one in columns) and "currency" not in {one.name for one in columns}:
        columns.append(CURRENCY)

    def values(row: Line) -> Values:
        return [column.value(row, found) for column in columns]

    def chunk(place: int, size: int) -> tuple[list[Values], int]:
        if report.key:
            some = list(report.rows(found).order_by(report.key).filter(**{f"{report.key}__gt": place})[:size])
            return [values(row) for row in some], some[-1][report.key] if some else place
        some = list(report.rows(found)[place : place + size])
        return [values(row) for row in some], place + len(some)

    def all_rows() -> Iterator[Values]:
        return map(values, report.rows(found).iterator(chunk_size=CHUNK))

    return Source(
        title=report.title, headers=[one.title for one in columns], all_rows=all_rows, chunk=chunk,
        more_than=lambda most: len(report.rows(found)[most : most + 1]) > 0, count=lambda: report.rows(found).count(),
    )  # fmt: skip


def _reconciliation(found: Asked) -> Source:
    def rows() -> Sequence[Values]:
        assert found.first is not None
        month = reconciling.month(found.connection, found.first, seams().clock)
        kept = reconciled.by_cause(found, reconciled.chosen(found, month))
        return [reconciled.values(row, month) for row in kept]

    def chunk(place: int, size: int) -> tuple[list[Any], int]:
        some = rows()[place : place + size]
        return list(some), place + len(some)

    return Source(
        title=f"{reconciled.TITLE} {found.said['month']}", headers=reconciled.file_headers(), all_rows=rows,
        more_than=lambda most: len(rows()) > most, count=lambda: len(rows()), chunk=chunk,
    )  # fmt: skip


def register() -> None:
    """Let files of reports be made in the background, too."""
    exporting.register(REPORT, source)
