"""What ends on a day: kept with who renews it, told 30, 7 and 1 days before, and as a calendar to subscribe to."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit, notices
from accounts.models import Connection, Expiry, User
from zbridge.clock import Clock

DAYS_BEFORE = (30, 7, 1)
FOLD = 73


def keep(expiry: Expiry, wanted: dict[str, Any], user: User | None, clock: Clock) -> Expiry:
    """Add or change one; who did it goes to the audit trail."""
    is_new = not Expiry.objects.filter(pk=expiry.pk).exists()
    for name, value in wanted.items():
        setattr(expiry, name, value)
    if is_new:
        expiry.added_by = user
    with transaction.atomic():
        expiry.save()
        verb = "expiry_added" if is_new else "expiry_changed"
        said = f"{'Added' if is_new else 'Changed'} the expiry {expiry}: {expiry.ends_on:%-d %b %Y}."
        audit.record(user, verb, said, connection=expiry.connection, subject=("expiry", str(expiry.pk)), clock=clock)
    return expiry


def mark_done(expiry: Expiry, user: User, clock: Clock) -> None:
    """No longer needed; no reminder comes."""
    with transaction.atomic():
        if Expiry.objects.filter(pk=expiry.pk, done_at=None).update(done_at=clock.now()):
            said = f"The expiry {expiry} needs nobody any more."
            audit.record(
                user, "expiry_done", said, connection=expiry.connection, subject=("expiry", str(expiry.pk)), clock=clock
            )


def days_left(expiry: Expiry, clock: Clock) -> int:
    """Until it ends; negative afterwards. On the simulator its clock counts."""
    row = expiry.connection
    today = row.today(clock) if row is not None else clock.now().date()
    return (expiry.ends_on - today).days


def in_words(days: int) -> str:
    """“in 29 days”, “tomorrow”, “today”, “3 days ago”."""
    words = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return words.get(days, f"in {days} days" if days > 0 else f"{-days} days ago")


def remind(clock: Clock) -> int:
    """Tell what ends soon, each once at each mark; what came late is told at the nearest mark only."""
    latest = clock.now().date() + timedelta(days=DAYS_BEFORE[0] + 400)
    told = 0
    for row in Expiry.objects.filter(done_at=None, ends_on__lte=latest).select_related("connection"):
        left = days_left(row, clock)
        mark = next((days for days in (0, *sorted(DAYS_BEFORE)) if left <= days), None)
        if mark is not None:
            told += _tell(row, mark, left, clock)
    return told


def _tell(row: Expiry, mark: int, left: int, clock: Clock) -> int:
    title = f"{row} {'ended' if left < 0 else 'ends'} {in_words(left)}"
    who = f" {row.who} renews it." if row.who else ""
    how = f" {row.note}" if row.note else ""
    text = f"{row.get_kind_display()}, {row.ends_on:%-d %b %Y}.{who}{how} When it is renewed, enter the new day."
    notices.tell(
        row.connection, f"expiry:{row.pk}:{row.ends_on}:{mark}", title, text, role="revops",
        subject=("expiry", str(row.pk)), clock=clock,
    )  # fmt: skip
    return 1


def client_secret(connection: Connection, ends_on: date, user: User | None, clock: Clock) -> Expiry:
    """When the client's secret ends, as its owner knows it (Zoho's API doesn't tell); one per connection."""
    row = Expiry.objects.filter(connection=connection, kind=Expiry.Kind.SECRET, done_at=None).first()
    wanted = {
        "connection": connection, "kind": Expiry.Kind.SECRET, "name": f"Client secret of {connection}",
        "ends_on": ends_on, "who": "RevOps",
        "note": "Make a new secret in Zoho's API console, then connect with it.",
    }  # fmt: skip
    return keep(row or Expiry(), wanted, user, clock)


def calendar(rows: Iterable[Expiry], now: datetime) -> str:
    """The expiries as iCalendar (RFC 5545): whole-day events with an alarm at each mark."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//zbridge//expiries//EN", "CALSCALE:GREGORIAN"]
    for row in rows:
        lines += _event(row, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(row: Expiry, now: datetime) -> list[str]:
    said = " ".join(
        part for part in (row.get_kind_display() + ".", row.who and f"{row.who} renews it.", row.note) if part
    )
    lines = [
        "BEGIN:VEVENT", f"UID:expiry-{row.pk}@zbridge", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{row.ends_on:%Y%m%d}", f"DTEND;VALUE=DATE:{row.ends_on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(f'{row} ends')}", f"DESCRIPTION:{_escaped(said)}", "TRANSP:TRANSPARENT",
    ]  # fmt: skip
    for days in DAYS_BEFORE:
        alarm = f"DESCRIPTION:{_escaped(f'{row} ends {in_words(days)}')}"
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", alarm, f"TRIGGER:-P{days}D", "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """No line is longer than 75 octets; a fold never cuts a character."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > FOLD:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
