"""The simulator's first page: what both systems hold, the clock, and the buttons that make a bad day."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from zbridge.simulator import pages_html as html
from zbridge.simulator.app import Simulator, UserError
from zbridge.simulator.pages_reading import shelf
from zbridge.simulator.tokens import Tokens

ZONE = ZoneInfo("Europe/Berlin")
SIDES = {"crm": "CRM", "books": "Books"}
DAY, HOUR = 86_400, 3_600


def overview(sim: Simulator) -> Markup:
    """All of the page below its title."""
    parts = [
        Markup(
            '<p class="soft">What you do here happens "in Zoho". zbridge sees it as it would see the real thing.</p>'
        ),
        _clock(sim),
        Markup("<h2>Bad days</h2>"),
        _switches(sim),
        Markup('<div class="cols">'),
        *(_contents(sim, side, name, modules) for name, (side, modules) in html.MENU.items()),
        Markup("</div>"),
    ]
    return html.joined(parts)


def _clock(sim: Simulator) -> Markup:
    now = sim.clock.now().astimezone(ZONE)
    entry = html.entry(
        "/ui/control/clock", "now", "Date and time", now.strftime("%Y-%m-%dT%H:%M"), "Set clock", kind="datetime-local"
    )
    buttons = (html.button("/ui/control/day", "+1 day"), html.button("/ui/control/hour", "+1 hour"), entry)
    return Markup('<h2>Clock</h2><div class="card pad row"><strong>{}</strong>{}</div>').format(
        now.strftime("%A %d %B %Y, %H:%M %Z"), html.joined(buttons)
    )


def _switches(sim: Simulator) -> Markup:
    off = [side for side in SIDES if sim.store.setting("sides", {}).get(side) == "off"]
    cells = []
    for side, name in SIDES.items():
        wanted = "on" if side in off else "off"
        cells += [
            name,
            html.tag("off" if side in off else "on"),
            html.button(f"/ui/control/{side}", f"{name} {wanted}", to=wanted),
        ]
    cells.append(html.button("/ui/control/revoke", "Revoke token", look="danger"))
    return Markup('<div class="card pad row">{}</div>').format(html.joined(cells))


def _contents(sim: Simulator, side: str, name: str, modules: tuple[str, ...]) -> Markup:
    counts = {module: shelf(sim, side, module).count() for module in modules}
    rows = [
        (html.link(f"/ui/{side}/{module}", html.LABELS.get(module, module)), f"{count:,}")
        for module, count in counts.items()
    ]
    return Markup("<div><h2>{}</h2>{}</div>").format(name, html.table([name, "Records"], rows, numbers=["Records"]))


def play(sim: Simulator, what: str, form: Mapping[str, str]) -> None:
    """One of the overview's buttons; UserError when there is none of that name."""
    if what in ("day", "hour"):
        sim.clock.advance(DAY if what == "day" else HOUR)
    elif what == "clock":
        sim.clock.move_to(_moment(form.get("now", "")))
    elif what in SIDES:
        sim.store.set("sides", sim.store.setting("sides", {}) | {what: "off" if form.get("to") == "off" else "on"})
    elif what == "revoke":
        Tokens(sim.store).revoke_all()
    else:
        raise UserError(f"There is no button called {what}.")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError as error:
        raise UserError("That is no date and time.") from error
