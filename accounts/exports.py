"""Lists as files: columns from an import-export Resource, rows streamed, every cell and header made inert."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from import_export.resources import ModelResource

from accounts import sheets

# What a spreadsheet may take for the start of a formula, full-width forms too (reliability 8, item 40).
FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
CHUNK = 2000
FORMATS = ("csv", "xlsx", "json")
TYPES = {
    "csv": "text/csv; charset=utf-8", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
Values = list[Any]


class Echo:
    """A file that gives back what is written to it, so that csv can write into a stream."""

    def write(self, text: str) -> str:
        return text


@dataclass(frozen=True, kw_only=True)
class Source:
    """Rows to be made a file. `all_rows`: in the order of the page; `more_than`: whether there are more than so many.

    `count`: how many in all. `chunk`: at most so many rows after a place (0: from the start), with the place after
    them; an empty chunk is the end. A chunk is one short query, so that nobody waits behind a long file.
    """

    title: str
    headers: list[str]
    all_rows: Callable[[], Iterable[Values]]
    more_than: Callable[[int], bool]
    count: Callable[[], int]
    chunk: Callable[[int, int], tuple[list[Values], int]]


def inert(value: Any) -> Any:
    """The value as a cell that no spreadsheet runs: text that could be a formula gets an apostrophe; numbers stay."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _inert_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return value
    return _inert_text(plain(value))


def _inert_text(text: str) -> str:
    if not text:
        return text
    first = text[0]
    if first.isalnum():
        return text
    starts = first in FORMULA_STARTS or first.isspace() and text.lstrip()[:1] in FORMULA_STARTS
    return f"'{text}" if starts else text


def plain(value: Any) -> str:
    """The value as text: times as ISO with their offset, structures as JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


# -- a list's rows -----------------------------------------------------------------------------------------------------


def list_source(resource: ModelResource, found: "QuerySet[Any]", title: str) -> Source:
    """The rows of a list with the resource's columns; a long file goes through them in the order of their keys."""
    columns = plain_columns(resource)

    def chunk(place: int, size: int) -> tuple[list[Values], int]:
        some = found.order_by("pk").filter(pk__gt=place)[:size]
        if columns:
            pairs = list(some.values_list("pk", *columns))
            return [list(values) for _, *values in pairs], pairs[-1][0] if pairs else place
        objects = list(some)
        return [_values(resource, row) for row in objects], objects[-1].pk if objects else place

    return Source(
        title=title, headers=headers(resource), all_rows=lambda: rows(resource, found),
        more_than=lambda most: found.order_by().values("pk")[: most + 1].count() > most,
        count=lambda: found.order_by().count(), chunk=chunk,
    )  # fmt: skip


def headers(resource: ModelResource) -> list[str]:
    """The names of the columns, in order."""
    return [str(field.column_name) for field in resource.get_export_fields()]


def plain_columns(resource: ModelResource) -> list[str]:
    """The model's columns, where all of the file's are such; [] where one is worked out."""
    model = resource._meta.model
    known = {field.name for field in model._meta.concrete_fields if not field.is_relation}
    fields = resource.get_export_fields()
    worked_out = [field for field in fields if field.attribute not in known or _dehydrate(resource, field)]
    return [] if worked_out else [str(field.attribute) for field in fields]


def rows(resource: ModelResource, found: "QuerySet[Any]") -> Iterator[Values]:
    """The raw values of each row; Decimals stay Decimals (the library's widgets would make texts of them)."""
    columns = plain_columns(resource)
    if columns:
        yield from map(list, found.values_list(*columns).iterator(chunk_size=CHUNK))
        return
    for row in found.iterator(chunk_size=CHUNK):
        yield _values(resource, row)


def _values(resource: ModelResource, row: Model) -> Values:
    return [_value(resource, field, row) for field in resource.get_export_fields()]


def _dehydrate(resource: ModelResource, field: Any) -> Any:
    return getattr(resource, field.get_dehydrate_method(resource.get_field_name(field)), None)


def _value(resource: ModelResource, field: Any, row: Model) -> Any:
    dehydrated = _dehydrate(resource, field)
    return dehydrated(row) if dehydrated else field.get_value(row)


# -- the forms ---------------------------------------------------------------------------------------------------------


def csv_lines(names: list[str], found: Iterable[Values]) -> Iterator[str]:
    """The lines of the file, one at a time."""
    yield from csv_rows([names])
    yield from csv_rows(found)


def csv_rows(found: Iterable[Values]) -> Iterator[str]:
    """Rows as lines."""
    write = csv.writer(Echo()).writerow
    for row in found:
        yield write([inert(value) for value in row])


def xlsx(names: list[str], found: Iterable[Values]) -> bytes:
    """A workbook of one sheet; characters that the format forbids are left out."""
    made = BytesIO()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".xml") as sheet:
        sheet.write(sheets.HEAD)
        sheet.writelines(sheet_rows([names]))
        sheet.writelines(sheet_rows(found))
        sheet.write(sheets.FOOT)
        sheet.flush()
        sheets.pack(Path(sheet.name), made)
    return made.getvalue()


def sheet_rows(found: Iterable[Values]) -> Iterator[str]:
    """Rows of a sheet, each cell inert."""
    for row in found:
        yield sheets.row([inert(value) for value in row])


def json_pieces(names: list[str], found: Iterable[Values]) -> Iterator[str]:
    """One array of objects; amounts are decimal strings."""
    mark = "["
    for piece in json_rows(names, found):
        yield mark + piece
        mark = ",\n"
    yield "[]" if mark == "[" else "]"


def json_rows(names: list[str], found: Iterable[Values]) -> Iterator[str]:
    """Each row as an object."""
    for row in found:
        yield json.dumps(dict(zip(names, map(_json, row), strict=True)), ensure_ascii=False)


def _json(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else plain(value)


def answer(source: Source, form: str, name: str) -> HttpResponse | StreamingHttpResponse:
    """The file in that form, as a download."""
    names, values = source.headers, source.all_rows()
    made: HttpResponse | StreamingHttpResponse
    if form == "xlsx":
        made = HttpResponse(xlsx(names, values), content_type=TYPES[form])
    else:
        pieces = json_pieces(names, values) if form == "json" else csv_lines(names, values)
        made = StreamingHttpResponse(pieces, content_type=TYPES[form])
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return made
