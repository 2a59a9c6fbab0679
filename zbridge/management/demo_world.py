"""The demo's own set-up, played through the product: people, connection, first reading, first links."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.models import Group

from accounts import expiries
from accounts.clients import seams
from accounts.connecting import connect_simulator, keep_settings
from accounts.models import Connection, User
from accounts.roles import AUDITOR, FINANCE, REP, REVOPS
from invoicing import billing, prices
from invoicing.models import Quote
from syncjobs import channels, hooks, linking, live_fields
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import HookAddress, Run
from syncjobs.services import KINDS, start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.management.played import in_crm, put_hooks_into_books
from zbridge.zoho.gate import Priority


@dataclass(frozen=True)
class Person:
    """One of the demo's people; `crm_name` is her CRM user, where she has one."""

    username: str
    first_name: str
    role: str
    crm_name: str = ""


PEOPLE = (
    Person("ada", "Ada", REP, "Ada"),
    Person("ben", "Ben", FINANCE),
    Person("cy", "Cy", REVOPS),
    Person("dee", "Dee", AUDITOR),
    Person("raj", "Raj", REP, "Raj"),
)


def simulator_info() -> dict[str, str] | None:
    """What the simulator says of itself; None while it isn't up."""
    try:
        with urlopen(f"{settings.ZBRIDGE_SIMULATOR_URL}/_sim/info", timeout=5) as answer:  # noqa: S310
            found: dict[str, str] = json.loads(answer.read())
            return found
    except (URLError, OSError, ValueError):
        return None


def make_people() -> dict[str, User]:
    """The five log-ins, all with the demo's password."""
    made = {}
    for person in PEOPLE:
        user, _ = User.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.first_name,
                "email": f"{person.username}@brightwater.example",
                "is_staff": True,
            },
        )
        user.is_staff = True
        user.set_password(settings.ZBRIDGE_DEMO_PASSWORD)
        user.save()
        user.groups.set([Group.objects.get(name=person.role)])
        made[person.username] = user
    return made


def know_reps(connection: Connection, people: dict[str, User]) -> None:
    """A rep sees the deals of her CRM user."""
    for person in PEOPLE:
        found = [row for row in connection.crm_users if person.crm_name and row["name"].startswith(person.crm_name)]
        if found:
            people[person.username].crm_user_id = str(found[0]["id"])
            people[person.username].save(update_fields=["crm_user_id"])


def go_live_day(today: date) -> date:
    """First day of the last full month that ended before T-7 (ui.md 3)."""
    last = today.replace(day=1) - timedelta(days=1)
    if last >= today - timedelta(days=7):
        last = last.replace(day=1) - timedelta(days=1)
    return last.replace(day=1)


def connect(people: dict[str, User]) -> Connection:
    """The one demo connection, made through the same path as real Zoho."""
    found = Connection.objects.filter(data_centre="simulator", state=Connection.State.CONNECTED).first()
    if found is not None:
        return found
    info = simulator_info() or {}
    today = datetime.fromisoformat(info["clock"]).date()
    made = connect_simulator(people["cy"], organisation=info["books_organization_id"], go_live=go_live_day(today))
    in_29_days = made.today(seams().clock) + timedelta(days=29)
    expiries.client_secret(made, in_29_days, people["cy"], seams().clock)
    # Brightwater's Books discounts before tax whatever a call says; its API doesn't tell, so Cy does.
    return keep_settings(made, {"discount_before_tax_always": True}, people["cy"], seams().clock)


def keep_in_step(connection: Connection, cy: User) -> None:
    """Both pairs are kept in step by the suggested mapping; Cy switched it on, before the first reading."""
    clock = seams().clock
    for pair in ("customer", "product"):
        mapping = mapping_of(connection, pair, clock)
        if mapping.version == 1 and not mapping.two_way:
            switch(mapping, cy, clock, on=True)


def quotes_bill_themselves(connection: Connection) -> None:
    """It is on; a customer accepts Q-1044 after its day, and somebody edits Q-1045, accepted before."""
    if Quote.objects.filter(connection=connection, number="Q-1044").exclude(accepted_seen_at=None).exists():
        return
    played: dict[str, dict[str, object]] = {"Q-1044": {"Quote_Stage": "Accepted"}, "Q-1045": {"Discount": 50}}
    for number, change in played.items():
        quote = Quote.objects.filter(connection=connection, number=number).first()
        if quote is not None:
            in_crm("Quotes", quote.crm_id, change)
    work_to_end(start_run(connection, "quote", seams().clock, trigger="first", doorbell=False), bulk_reader())


def near_real_time(connection: Connection, cy: User) -> None:
    """Cy switched CRM's notifications on and put the web hooks into Books, where nobody but an administrator can."""
    clock = seams().clock
    if not hooks.unreachable(connection):
        channels.switch(connection, cy, clock, on=True)
        address = hooks.address_of(connection, HookAddress.Sort.BOOKS, clock)
        put_hooks_into_books(hooks.url(address), hooks.signing_secret(address))


def read_all(connection: Connection) -> list[Run]:
    """One run of each kind, and the links that are certain; the workers then bring both sides into step."""
    reader, runs = bulk_reader(Priority.CLICK), []
    for kind in KINDS:
        run = start_run(connection, kind, seams().clock, trigger="first", doorbell=False)
        runs.append(work_to_end(run, reader))
    linking.link_products(connection, seams().clock)
    prices.compare_all(connection, connection.now(seams().clock))
    billing.judge(connection, seams().clock)
    live_fields.ask(connection)
    for pair in ("products", "customers"):
        start_run(connection, pair, seams().clock, trigger="first")
    return runs
