"""zbridge's key on a customer that it made and that has lost it: the plan of that one write, for a person to apply."""

from dataclasses import asdict

from django.db import transaction

from accounts import audit
from accounts.models import Connection, User
from syncjobs.domain.mapping import CUSTOM, Direction, FieldMap
from syncjobs.domain.ownership import Owner
from syncjobs.domain.planning import Change, Write
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import make
from syncjobs.link_signs import lost_key
from syncjobs.mappings import Refused, fields_of, freeze, mapping_of
from syncjobs.models import Link, Plan, PlannedWrite, Record
from syncjobs.models.runs import listed
from syncjobs.planning import calls_of, digest_of
from zbridge.clock import Clock

NAME, LABEL = "zbridge_key", "zbridge's key"
PERSON_RULE = "person"


def key_field(connection: Connection) -> tuple[FieldMap, ...]:
    """Where the key stands, as the rules take a field; no line of the mapping. None without the unique field."""
    if not connection.customer_key_name:
        return ()
    books = f"{CUSTOM}{connection.customer_key_name}"
    return (
        FieldMap(
            name=NAME, label=LABEL, crm="", books=books, transform=make("line"), direction=Direction.TO_BOOKS,
            owner=Owner.CRM,
        ),
    )  # fmt: skip


def plan(link: Link, user: User, clock: Clock) -> Plan:
    """The plan that writes the key again; the one there is, while it waits. Raises Refused when none was lost."""
    key = lost_key(link)
    customer = Record.objects.filter(
        connection=link.connection, kind="customer", remote_id=link.books_id, gone_at=None
    ).first()
    if not key or customer is None:
        raise Refused("That customer hasn't lost zbridge's key; nothing was changed.")
    waiting = PlannedWrite.objects.filter(link=link, outcome="", plan__purpose=Plan.Purpose.SIGN)
    made = waiting.filter(plan__state=Plan.State.MADE).select_related("plan").first()
    if made is not None:
        return made.plan
    write = Write(
        str(link.pk), Side.BOOKS, link.books_id, customer.changed_at, (Change(NAME, "", key, PERSON_RULE),)
    )  # fmt: skip
    with transaction.atomic():
        return _keep(link, customer, write, user, clock)


def _keep(link: Link, customer: Record, write: Write, user: User, clock: Clock) -> Plan:
    mapping = mapping_of(link.connection, link.pair, clock)
    found = Plan.objects.create(
        connection=link.connection, pair=link.pair, rules=freeze(mapping, fields_of(mapping)),
        purpose=Plan.Purpose.SIGN, digest=digest_of((write,)), read_books=1,
        calls_books=calls_of([write])[Side.BOOKS], made_at=clock.now(), made_by=user,
    )  # fmt: skip
    PlannedWrite.objects.create(
        plan=found, position=0, link=link, name=customer.name[:300], name_key=customer.name_key[:300],
        side=Side.BOOKS.value, remote_id=link.books_id, seen_at=customer.changed_at,
        changes=[asdict(change) for change in write.changes], fields=listed([NAME]),
    )  # fmt: skip
    said = f"Planned to write zbridge's key to {customer.name} in Books again."
    audit.record(user, "write_key", said, connection=link.connection, subject=("plan", str(found.pk)), clock=clock)
    return found
