"""What waits and why, for the banner on every page: how many items, since when, that none is lost, who can end it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, CharField, Count, F, Min, Q, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import notices, watching
from accounts.clients import seams
from accounts.models import Alarm, Circuit, Connection, Heartbeat, HoldCause, User
from accounts.roles import may
from invoicing.adopting import ALARM
from invoicing.claims import WORKABLE
from invoicing.models import Conversion
from syncjobs.models import Run
from syncjobs.services import OPEN

# A wait for our own limiter lasts seconds; it is a hold for people only when it goes on.
MOMENT = timedelta(minutes=2)
REVOPS_MUST = "a RevOps administrator must"


@dataclass(frozen=True)
class Held:
    """How many items of a connection wait for a cause, and since when the oldest does."""

    connection_id: int
    cause: str
    count: int
    since: datetime | None


@dataclass(frozen=True)
class Line:
    """One banner: a sentence and, for whoever may go it, the way out; `stops`: nothing goes on until a person acts."""

    text: str
    link: str = ""
    action: str = ""
    stops: bool = False


@dataclass
class Standing:
    """What holds work now, which sides don't answer, when each worker last beat, and how many notices are unread."""

    held: dict[tuple[int, str], Held] = field(default_factory=dict)
    down: dict[tuple[int, str], datetime] = field(default_factory=dict)
    beats: dict[str, datetime] = field(default_factory=dict)
    unread: int = 0
    strangers: set[int] = field(default_factory=set)


def standing(connections: Sequence[Connection], user: User | AnonymousUser) -> Standing:
    """Read in one query, since it is asked for by every page."""
    whole = {row.pk: cause for row in connections if (cause := _whole(row))}
    held = Q(connection__in=connections) & (~Q(hold_cause="") | Q(connection__in=list(whole)))
    conversions = _named(Conversion.objects.filter(held, state__in=WORKABLE), "held", "hold_cause", "held_at")
    runs = _named(Run.objects.filter(held, state__in=OPEN), "held", "hold_cause", "held_at")
    circuits = Circuit.objects.filter(connection__in=connections).exclude(opened_at=None)
    parts = [runs, _named(circuits, "down", "side", "failing_since"), _of_the_house(Heartbeat.objects.all(), "beat")]
    parts.append(
        _named(
            Alarm.objects.filter(connection__in=connections, kind=ALARM, closed_at=None), "other", "kind", "opened_at"
        )
    )
    if isinstance(user, User):
        parts.append(_of_the_house(notices.unread(user), "unread"))
    found = Standing()
    for what, connection_id, cause, count, since in conversions.union(*parts, all=True):
        if what == "held":
            _add(found.held, Held(connection_id, whole.get(connection_id, cause), count, since))
        elif what == "down":
            found.down[connection_id, cause] = since
        elif what == "other":
            found.strangers.add(connection_id)
        elif what == "beat":
            found.beats[cause] = since
        else:
            found.unread = count
    return found


def _whole(row: Connection) -> str:
    """The cause that holds a connection as a whole, and so everything of it that is open."""
    if row.state == Connection.State.RECONNECT:
        return HoldCause.RECONNECT
    return HoldCause.WRITES if row.writes_stopped else ""


def _named(rows: "QuerySet[Any]", what: str, cause: str, since: str) -> Any:
    """(what, connection, cause, count, since when) of rows, grouped."""
    named = rows.order_by().annotate(what=Value(what, output_field=CharField()))
    return named.values_list("what", "connection_id", cause).annotate(count=Count("pk"), since=Min(since))


def _of_the_house(rows: "QuerySet[Any]", what: str) -> Any:
    """The same of rows that belong to no connection: workers by queue, and the person's unread notices."""
    cause, since = (F("queue"), "beat_at") if what == "beat" else (Value("", output_field=CharField()), "created_at")
    named = rows.order_by().annotate(
        what=Value(what, output_field=CharField()), nobody=Value(0, output_field=BigIntegerField()), cause=cause
    )
    return named.values_list("what", "nobody", "cause").annotate(count=Count("pk"), since=Min(since))


def _add(found: dict[tuple[int, str], Held], row: Held) -> None:
    known = found.get((row.connection_id, row.cause))
    sinces = [at for at in (row.since, known.since if known else None) if at]
    count = row.count + (known.count if known else 0)
    found[row.connection_id, row.cause] = Held(row.connection_id, row.cause, count, min(sinces, default=None))


def counted(count: int) -> str:
    """“No item”, “1 item”, “14 items”."""
    return f"{count or 'No'} item{'' if count == 1 else 's'}"


def waits(count: int) -> str:
    """“14 items wait, none is lost”."""
    if not count:
        return "Nothing waits yet, and nothing is lost"
    return f"{counted(count)} {'waits and is not' if count == 1 else 'wait, none is'} lost"


def clock_time(moment: datetime | None) -> str:
    """“08:31”, or with its day when that isn't today; the reader's zone."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localtime(seams().clock.now()).date()
    return f"{local:%H:%M}" if today else f"{local:%-d %b %H:%M}"


def lines(request: HttpRequest, connections: Sequence[Connection], now: Standing) -> list[Line]:
    """One line per thing that holds work or has fallen silent, worst first."""
    connected = [row for row in connections if row.state != Connection.State.DRAFT]
    found = _silent(now)
    for connection in connected:
        found += _of(request, connection, now)
    return found + _missed(request, connected)


def _silent(now: Standing) -> list[Line]:
    """Workers that don't beat are noticed here, by the web process: nobody else could."""
    clock = seams().clock
    silent = watching.silent(now.beats, clock.now())
    if not silent:
        return []
    since = clock_time(max(silent.values()))
    text = f"No worker has run since {since}. Clicks are kept and will be worked when one runs"
    if len(silent) < len(now.beats):
        work = "readings" if "bulk" in silent else "clicks"
        text = (
            f"The worker of {work} hasn't run since {since}. What waits for it is kept and will be worked when it runs"
        )
    text = f"{text}; whoever looks after the server must start the workers."
    watching.tell_silence(text, clock)
    return [Line(text)]


def _missed(request: HttpRequest, connections: Sequence[Connection]) -> list[Line]:
    clock, found = seams().clock, list[Line]()
    for row in watching.missed(connections, clock):
        text = f"{row}: health was last checked {clock_time(row.health_at)}, though it is due every day."
        watching.tell_missed(row, text, clock)
        found.append(
            Line(f"{text} Work goes on; a RevOps administrator can check it now.", _page(request, row), "Look")
        )
    return [line if line.link else Line(line.text) for line in found]


def _of(request: HttpRequest, row: Connection, now: Standing) -> list[Line]:
    held = {cause: one for (pk, cause), one in now.held.items() if pk == row.pk}
    if row.state == Connection.State.RECONNECT:
        return [_ended(request, row, held.get(HoldCause.RECONNECT))]
    found = [_stopped(request, row, held.get(HoldCause.WRITES))] if row.writes_stopped else []
    if row.pk in now.strangers and not row.restored_at:
        text = f"{row}: another zbridge writes here, or this one was restored from a copy. Nothing is billed twice."
        found.append(Line(text, *_to_compare(request, row)))
    texts = [_down(side, since, held) for (pk, side), since in now.down.items() if pk == row.pk]
    found += [Line(f"{row}: {text}", _page(request, row), _look(request, row)) for text in texts]
    texts = [_quota(held.get(HoldCause.QUOTA)), _locked(held.get(HoldCause.LOCKED)), _scope(held.get(HoldCause.SCOPE))]
    return found + [Line(f"{row}: {text}", _held_list(request), "See what waits") for text in texts if text]


def _ended(request: HttpRequest, row: Connection, held: Held | None) -> Line:
    """“Books access ended 08:31. 14 items wait, none is lost; a RevOps administrator must reconnect.”"""
    said = f"{row}: access to Zoho ended {clock_time(row.held_at)}. {waits(held.count if held else 0)}"
    if may(request.user, "connect"):
        return Line(f"{said}.", _page(request, row), "Reconnect", stops=True)
    return Line(f"{said}; {REVOPS_MUST} reconnect.", _page(request, row), _look(request, row), stops=True)


def _to_compare(request: HttpRequest, row: Connection) -> tuple[str, str]:
    return (reverse("restored", args=[row.pk]), "Look") if may(request.user, "stop_writes") else ("", "")


def _stopped(request: HttpRequest, row: Connection, held: Held | None) -> Line:
    if row.restored_at:
        said = f"{row} was restored from a copy: nothing is written to Zoho until all was read and somebody releases it"
        return Line(f"{said}. {waits(held.count if held else 0)}.", *_to_compare(request, row), stops=True)
    at = f" at {clock_time(row.writes_stopped_at)}" if row.writes_stopped_at else ""
    said = f"{row}: a person stopped all writes to Zoho{at}; reading goes on. {waits(held.count if held else 0)}"
    if may(request.user, "stop_writes"):
        return Line(f"{said}.", _page(request, row), "Look at the switch")
    return Line(f"{said}; {REVOPS_MUST} allow writes again.", _page(request, row), _look(request, row))


def _down(side: str, since: datetime, held: dict[str, Held]) -> str:
    name, cause = ("Books", HoldCause.BOOKS) if side == "books" else ("CRM", HoldCause.CRM)
    waiting = held.get(cause)
    said = waits(waiting.count if waiting else 0)
    return f"{name} hasn't answered since {clock_time(since)}. {said}; all goes on by itself when {name} answers."


def _quota(held: Held | None) -> str:
    now = seams().clock.now()
    if held is None or held.since is None or held.since > now - MOMENT:
        return ""
    said = f"Zoho has allowed no more calls since {clock_time(held.since)}."
    return f"{said} {waits(held.count)}; it goes on by itself."


def _locked(held: Held | None) -> str:
    if held is None:
        return ""
    deals = "a deal that is" if held.count == 1 else "deals that are"
    begins = f"{counted(held.count)} {'waits' if held.count == 1 else 'wait'} for {deals} locked in CRM"
    return f"{begins} since {clock_time(held.since)}. The drafts stand in Books; their numbers follow by themselves."


def _scope(held: Held | None) -> str:
    if held is None:
        return ""
    said = f"Zoho refuses zbridge a right it needs, since {clock_time(held.since)}."
    return f"{said} {waits(held.count)}; {REVOPS_MUST} reconnect and accept everything."


def _page(request: HttpRequest, row: Connection) -> str:
    return f"/admin/accounts/connection/{row.pk}/" if request.user.has_perm("accounts.view_connection") else ""


def _look(request: HttpRequest, row: Connection) -> str:
    return "Look at the connection" if _page(request, row) else ""


def _held_list(request: HttpRequest) -> str:
    may_open = request.user.has_perm("invoicing.view_conversion")
    return "/admin/invoicing/conversion/?tab=held" if may_open else ""
