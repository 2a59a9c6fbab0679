"""The shape of a report: a question, its columns, and the queries that give rows, sums and the chart."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.reports.asked import Asked

Line = Mapping[str, Any]
# A QuerySet of dicts; its columns are known only to the report.
Rows = Any


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `of` gives its value of a row, a Decimal for money in the row's currency; `link` where it leads."""

    title: str
    name: str
    of: Callable[[Line, Asked], Any] | None = None
    money: bool = False
    number: bool = False
    link: Callable[[Line], str] | None = None

    def value(self, row: Line, asked: Asked) -> Any:
        """What stands in it."""
        return self.of(row, asked) if self.of else row[self.name]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars, a chart for each currency, so that none looks added to another; drawn by the page's script from texts."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[Decimal]]

    @property
    def drawn(self) -> list[dict[str, str]]:
        """Each currency's bars as the script reads them, and the same in words for those who don't see them."""
        return [{"currency": name, "data": self._data(name), "said": self._said(name)} for name in self.series]

    def _data(self, currency: str) -> str:
        bars = {
            "label": currency, "data": [float(one) for one in self.series[currency]], "displayYAxis": True,
            "maxBarThickness": 56, "backgroundColor": "var(--color-primary-600)",
        }  # fmt: skip
        return json.dumps({"labels": list(self.labels), "datasets": [bars]})

    def _said(self, currency: str) -> str:
        pairs = zip(self.labels, self.series[currency], strict=True)
        return f"{self.title} in {currency}: " + "; ".join(f"{label} {value:,.2f}" for label, value in pairs)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One question. `rows` and `sums` follow the person's scope and the filters; each sum is of one currency.

    `rows` gives dicts in order, with a `currency` each; `sums` the same columns, added up by currency, with `number`.
    `key`: the column by which a file goes through the rows; empty where the rows are sums themselves.
    """

    name: str
    question: str
    title: str
    right: str
    how: Sequence[str]
    columns: Callable[[Asked], Sequence[Column]]
    rows: Callable[[Asked], Rows]
    sums: Callable[[Asked], Rows]
    kinds: Sequence[str]
    filters: Sequence[str]
    chart: Callable[[Asked, Sequence[Line]], Chart | None] = lambda asked, sums: None
    nearest: Callable[[Asked], date | None] = lambda asked: None
    key: str = "pk"
    empty: str = "No rows."
