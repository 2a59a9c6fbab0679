"""Lists as files: columns from an import-export Resource, rows streamed, every cell and header made inert."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from import_export.resources import ModelResource
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# What a spreadsheet may take for the start of a formula, full-width forms too (reliability 8, item 40).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
CHUNK = 2000
FORMATS = ("csv", "xlsx", "json")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Echo:
    """A file that gives back what is written to it, so that csv can write into a stream."""

    def write(self, text: str) -> str:
        return text


def inert(value: Any) -> Any:
    """The value as a cell that no spreadsheet runs: text that could be a formula gets an apostrophe; numbers stay."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return value
    text = plain(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text


def plain(value: Any) -> str:
    """The value as text: times as ISO with their offset, structures as JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def headers(resource: ModelResource) -> list[str]:
    """The names of the columns, in order."""
    return [str(field.column_name) for field in resource.get_export_fields()]


def rows(resource: ModelResource, found: "QuerySet[Any]") -> Iterator[list[Any]]:
    """The raw values of each row; Decimals stay Decimals (the library's widgets would make texts of them)."""
    fields = resource.get_export_fields()
    for row in found.iterator(chunk_size=CHUNK):
        yield [_value(resource, field, row) for field in fields]


def _value(resource: ModelResource, field: Any, row: Model) -> Any:
    dehydrated = getattr(resource, field.get_dehydrate_method(resource.get_field_name(field)), None)
    return dehydrated(row) if dehydrated else field.get_value(row)


def csv_lines(names: list[str], found: Iterable[list[Any]]) -> Iterator[str]:
    """The lines of the file, one at a time."""
    writer = csv.writer(Echo())
    yield writer.writerow([inert(name) for name in names])
    for row in found:
        yield writer.writerow([inert(value) for value in row])


def xlsx(names: list[str], found: Iterable[list[Any]]) -> bytes:
    """A workbook of one sheet; characters that the format forbids are left out."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("zbridge")
    sheet.append([_cell(name) for name in names])
    for row in found:
        sheet.append([_cell(value) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: Any) -> Any:
    safe = inert(value)
    return ILLEGAL_CHARACTERS_RE.sub("", safe) if isinstance(safe, str) else safe


def json_pieces(names: list[str], found: Iterable[list[Any]]) -> Iterator[str]:
    """One array of objects; amounts are decimal strings."""
    mark = "["
    for row in found:
        yield mark + json.dumps(dict(zip(names, map(_json, row), strict=True)), ensure_ascii=False)
        mark = ",\n"
    yield "[]" if mark == "[" else "]"


def _json(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else plain(value)


def answer(
    resource: ModelResource, found: "QuerySet[Any]", form: str, name: str
) -> HttpResponse | StreamingHttpResponse:
    """The file in that form, as a download."""
    names, values = headers(resource), rows(resource, found)
    made: HttpResponse | StreamingHttpResponse
    if form == "xlsx":
        made = HttpResponse(xlsx(names, values), content_type=XLSX_TYPE)
    elif form == "json":
        made = StreamingHttpResponse(json_pieces(names, values), content_type="application/json")
    else:
        made = StreamingHttpResponse(csv_lines(names, values), content_type="text/csv; charset=utf-8")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return made
