"""Large files made in the background: asked for by one person, made with her rights, fetched by nobody else.

The row carries what was asked, never rows. A worker that is stopped is followed by one that goes on at the file's end.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q

from accounts import audit, exports, sheets
from accounts.exports import Source
from accounts.models import Export, User
from accounts.retention import days_kept
from accounts.roles import may, role_names
from zbridge.clock import Clock
from zbridge.crash_points import Point, crash_point
from zbridge.queue import ring

WORK = "accounts.tasks.work_export"
# More rows than this aren't made while somebody waits.
LARGE = 20_000
CHUNK = 5_000
WORK_SECONDS = 40.0
LEASE = timedelta(minutes=3)
State = Export.State
Query = Mapping[str, str]
Build = Callable[[User, str, Query], Source]

_builders: dict[str, Build] = {}


class Stopped(Exception):
    """The file can't be made; the sentence says why."""


class Taken(Exception):
    """Somebody else works on it by now."""


def register(kind: str, build: Build) -> None:
    """Say how a kind of source is built anew for a person; it raises PermissionDenied where she has no right to it."""
    _builders[kind] = build


def folder() -> Path:
    """Where files are kept, for nobody but this account of the machine."""
    found = Path(settings.HOME) / "exports"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def path_of(row: Export) -> Path:
    """Its file."""
    return folder() / row.file_name


def ask(user: User, kind: str, what: str, query: Query, form: str, source: Source, clock: Clock) -> Export:
    """A file to be made in the background, noted in the audit trail."""
    detail = {"format": form, "query": dict(query)}
    with transaction.atomic():
        row = Export.objects.create(
            user=user, title=source.title, kind=kind, what=what, parameters=dict(query), form=form,
            scope=scope_of(user), total=source.count(), requested_at=clock.now(),
        )  # fmt: skip
        said = f"Asked for {source.title} as {form.upper()}, {row.total:,} rows, in the background."
        audit.record(user, "export", said, clock=clock, subject=("export", str(row.pk)), detail=detail)
        ring(WORK, row.pk, queue="bulk")
    return row


def scope_of(user: User) -> dict[str, Any]:
    """What decides which rows a person sees; a file is hers only while that stays so."""
    return {"roles": role_names(user), "crm_user": user.crm_user_id}


def is_still_hers(row: Export) -> bool:
    """Whether the person still has the rights with which she asked."""
    user = User.objects.filter(pk=row.user_id, is_active=True).first()
    return user is not None and may(user, "export") and scope_of(user) == row.scope


def due(clock: Clock) -> list[int]:
    """Files that nobody works on, oldest first."""
    return list(Export.objects.filter(_free(clock)).order_by("pk").values_list("pk", flat=True)[:20])


def _free(clock: Clock) -> Q:
    return Q(state__in=[State.WAITING, State.RUNNING]) & (Q(lease_until=None) | Q(lease_until__lt=clock.now()))


def work(export_id: int, clock: Clock, point: Point = crash_point) -> Export | None:
    """One turn of at most WORK_SECONDS; None when somebody else has it or it has ended."""
    taken = Export.objects.filter(_free(clock), pk=export_id)
    until = clock.now() + LEASE
    if not taken.update(epoch=F("epoch") + 1, lease_until=until, state=State.RUNNING):
        return None
    row = Export.objects.select_related("user").get(pk=export_id)
    try:
        _turn(row, _source(row), clock, point)
    except Taken:
        return None
    except (Stopped, PermissionDenied) as refusal:
        _part(row).unlink(missing_ok=True)
        said = str(refusal) or "Nothing was made: your role no longer shows you this."
        _save(row, state=State.REFUSED, sentence=said[:300], lease_until=None, ended_at=clock.now())
    return row


def _source(row: Export) -> Source:
    if not is_still_hers(row) or row.kind not in _builders:
        raise Stopped("Nothing was made: your role changed since you asked. Ask for it anew.")
    return _builders[row.kind](row.user, row.what, row.parameters)


def _part(row: Export) -> Path:
    return folder() / f"{row.pk}.part"


def _turn(row: Export, source: Source, clock: Clock, point: Point) -> None:
    if row.form == "xlsx" and row.total >= sheets.MOST_ROWS:
        raise Stopped("A sheet holds at most 1,048,575 rows. Ask for CSV, or for fewer rows by a filter.")
    began = clock.monotonic()
    if not row.started_at or not _part(row).exists():
        _begin(row, source, clock)
    while not row.read_all and clock.monotonic() - began < WORK_SECONDS:
        _write(row, source, clock)
        point("export chunk written")
    if not row.read_all:
        _save(row, lease_until=None)
    else:
        _finish(row, clock, point)


def _begin(row: Export, source: Source, clock: Clock) -> None:
    heads = {"csv": "".join(exports.csv_rows([source.headers])), "json": "["}
    head = heads.get(row.form) or sheets.HEAD + "".join(exports.sheet_rows([source.headers]))
    size = _part(row).write_bytes(head.encode())
    _part(row).chmod(0o600)
    _save(row, started_at=row.started_at or clock.now(), done=0, place=0, size=size, read_all=False)


def _write(row: Export, source: Source, clock: Clock) -> None:
    """The next chunk, after cutting off what a stopped worker may have written beyond what it noted."""
    rows, place = source.chunk(row.place, CHUNK)
    text = _text(row, source, rows).encode()
    with _part(row).open("r+b") as file:
        file.truncate(row.size)
        file.seek(row.size)
        file.write(text)
    _save(
        row, done=row.done + len(rows), place=place, size=row.size + len(text), read_all=not rows,
        lease_until=clock.now() + LEASE,
    )  # fmt: skip


def _text(row: Export, source: Source, rows: list[exports.Values]) -> str:
    if row.form == "csv":
        return "".join(exports.csv_rows(rows))
    if row.form == "xlsx":
        return "".join(exports.sheet_rows(rows)) if rows else sheets.FOOT
    between = ",\n" if row.done and rows else ""
    return between + ",\n".join(exports.json_rows(source.headers, rows)) if rows else "]"


def _finish(row: Export, clock: Clock, point: Point) -> None:
    name, part = f"{row.pk}.{row.form}", _part(row)
    with part.open("r+b") as file:
        file.truncate(row.size)
    if row.form == "xlsx":
        packed = folder() / f"{row.pk}.packing"
        sheets.pack(part, packed)
        packed.chmod(0o600)
        packed.replace(folder() / name)
        part.unlink()
    else:
        part.replace(folder() / name)
    point("export file made")
    size = (folder() / name).stat().st_size
    said = f"{row.done:,} rows, {_bytes(size)}."
    _save(
        row, state=State.DONE, file_name=name, size=size, total=row.done, sentence=said, lease_until=None,
        ended_at=clock.now(),
    )  # fmt: skip


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size >= 100_000 else f"{size / 1_000:,.1f} kB"


def _save(row: Export, **values: Any) -> None:
    """Only as long as nobody else has taken it."""
    if not Export.objects.filter(pk=row.pk, epoch=row.epoch).update(**values):
        raise Taken
    for name, value in values.items():
        setattr(row, name, value)


def expire(clock: Clock) -> int:
    """Delete files that are kept long enough; how many."""
    before: datetime = clock.now() - timedelta(days=days_kept()["exports"])
    old = Export.objects.filter(state=State.DONE, ended_at__lt=before).exclude(file_name="")[:100]
    for row in old:
        path_of(row).unlink(missing_ok=True)
        Export.objects.filter(pk=row.pk).update(
            state=State.EXPIRED, file_name="", sentence="The file was kept long enough and is deleted. Ask for it anew."
        )
    return len(old)
