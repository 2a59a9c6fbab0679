"""What waits and why, for the banner on every page: how many items, since when, that none is lost, who can end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, Min, Q, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone

from accounts.clients import seams
from accounts.models import Circuit, Connection, HoldCause
from accounts.roles import may
from invoicing.claims import WORKABLE
from invoicing.models import Conversion
from syncjobs.models import Run
from syncjobs.sweeping import OPEN

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
    """One banner: a sentence and, for whoever may go it, the way out."""

    text: str
    link: str = ""
    action: str = ""


@dataclass(frozen=True)
class Standing:
    """What holds work now: items by connection and cause, and the sides that don't answer, each since when."""

    held: dict[tuple[int, str], Held]
    down: dict[tuple[int, str], datetime]


def standing(connections: Sequence[Connection]) -> Standing:
    """Read in one query, since it is asked for by every page."""
    whole = {row.pk: cause for row in connections if (cause := _whole(row))}
    stopped = Q(connection__in=list(whole))
    held = Q(connection__in=connections) & (~Q(hold_cause="") | stopped)
    conversions = _grouped(Conversion.objects.filter(held, state__in=WORKABLE), "held")
    runs = _grouped(Run.objects.filter(held, state__in=OPEN), "held")
    found = Standing({}, {})
    for what, connection_id, cause, count, since in conversions.union(runs, _down_now(connections), all=True):
        if what == "down":
            found.down[connection_id, cause] = since
        else:
            _add(found.held, Held(connection_id, whole.get(connection_id, cause), count, since))
    return found


def _whole(row: Connection) -> str:
    """The cause that holds a connection as a whole, and so everything of it that is open."""
    if row.state == Connection.State.RECONNECT:
        return HoldCause.RECONNECT
    return HoldCause.WRITES if row.writes_stopped else ""


def _grouped(rows: "QuerySet[Any]", what: str) -> Any:
    named = rows.order_by().annotate(what=Value(what, output_field=CharField()))
    return named.values_list("what", "connection_id", "hold_cause").annotate(count=Count("pk"), since=Min("held_at"))


def _down_now(connections: Sequence[Connection]) -> Any:
    rows = Circuit.objects.filter(connection__in=connections).exclude(opened_at=None).order_by()
    named = rows.annotate(what=Value("down", output_field=CharField()))
    return named.values_list("what", "connection_id", "side").annotate(count=Count("pk"), since=Min("failing_since"))


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


def lines(request: HttpRequest, connections: Sequence[Connection]) -> list[Line]:
    """One line per thing that holds work, worst first."""
    connected = [row for row in connections if row.state != Connection.State.DRAFT]
    if not connected:
        return []
    now = standing(connected)
    return [line for connection in connected for line in _of(request, connection, now)]


def _of(request: HttpRequest, row: Connection, now: Standing) -> list[Line]:
    held = {cause: one for (pk, cause), one in now.held.items() if pk == row.pk}
    if row.state == Connection.State.RECONNECT:
        return [_ended(request, row, held.get(HoldCause.RECONNECT))]
    found = [_stopped(request, row, held.get(HoldCause.WRITES))] if row.writes_stopped else []
    texts = [_down(side, since, held) for (pk, side), since in now.down.items() if pk == row.pk]
    found += [Line(f"{row}: {text}", _page(request, row), _look(request, row)) for text in texts]
    texts = [_quota(held.get(HoldCause.QUOTA)), _locked(held.get(HoldCause.LOCKED)), _scope(held.get(HoldCause.SCOPE))]
    return found + [Line(f"{row}: {text}", _held_list(request), "See what waits") for text in texts if text]


def _ended(request: HttpRequest, row: Connection, held: Held | None) -> Line:
    """“Books access ended 08:31. 14 items wait, none is lost; a RevOps administrator must reconnect.”"""
    said = f"{row}: access to Zoho ended {clock_time(row.held_at)}. {waits(held.count if held else 0)}"
    if may(request.user, "connect"):
        return Line(f"{said}.", _page(request, row), "Reconnect")
    return Line(f"{said}; {REVOPS_MUST} reconnect.", _page(request, row), _look(request, row))


def _stopped(request: HttpRequest, row: Connection, held: Held | None) -> Line:
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
