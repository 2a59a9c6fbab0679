"""Notices whose figures in CRM may have moved: cheap looks at what changed, never all accounts each minute."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.clients import seams
from accounts.figure_fields import MODULES, places
from accounts.models import Connection
from invoicing.models import Conversion, Deal, Invoice, Receivable, Written
from invoicing.receivables import OPEN
from syncjobs.domain.other_runs import FIGURES
from syncjobs.models import Checkpoint, Link, Record
from syncjobs.services import close_problems

# Books' own balance is asked for soon after its documents moved; with both, CRM is told once and rightly.
PATIENCE = timedelta(minutes=10)
AT_ONCE = 2000
CAUSE = "figures"
State = Conversion.State
Place = dict[str, Any]


def checkpoint(connection: Connection) -> Checkpoint:
    """How far the looks got: the day, the last link, the fields, and the place of a look at all."""
    return Checkpoint.objects.get_or_create(connection=connection, kind=FIGURES)[0]


def anything(connection: Connection, now: datetime, today: date) -> bool:
    """Whether a look would find something; a few queries by index."""
    place, fields = checkpoint(connection).place or {}, _fields(connection)
    return bool(fields) and (
        place.get("day") != today.isoformat()
        or place.get("comb") is not None
        or bool(set(fields) - set(place.get("fields") or []))
        or _moved(connection, now).exists()
        or _new_links(connection, place).exists()
    )


def notice(connection: Connection, now: datetime, today: date) -> None:
    """Mark whose figures may have moved since the last look; each step is kept before the next begins."""
    kept = checkpoint(connection)
    place: Place = kept.place or {}
    first = "day" not in place
    if first:
        _mark_billed_deals(connection, now)
    _by_day(connection, place, now, today)
    _by_fields(connection, place)
    if first:
        place["comb"] = None  # all of them are marked by their links
    _keep(kept, place)
    while _by_change(connection, now):
        pass
    while _by_link(connection, place, now):
        _keep(kept, place)


def mark(connection: Connection, kind: str, crm_ids: Iterable[str], now: datetime) -> None:
    """The figures of these are looked at anew; in the caller's transaction."""
    rows = [Written(connection=connection, kind=kind, crm_id=one, due_since=now) for one in sorted(set(crm_ids)) if one]
    if rows:
        Written.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["connection", "kind", "crm_id"], update_fields=["due_since"]
        )


def mark_customers(connection: Connection, customer_ids: Collection[str], now: datetime) -> None:
    """The same for the accounts of these Books customers."""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, books_id__in=customer_ids)
    mark(connection, Written.Kind.ACCOUNT, _accounts(connection, links.values_list("crm_kind", "crm_id")), now)


def mark_invoices(connection: Connection, invoice_ids: Collection[str], now: datetime) -> None:
    """The same for the deals that these Books invoices bill."""
    rows = Conversion.objects.filter(connection=connection, books_invoice_id__in=invoice_ids).exclude(deal=None)
    mark(connection, Written.Kind.DEAL, rows.values_list("deal__crm_id", flat=True), now)


def link_gone(sender: type[Link], instance: Link, **signal: Any) -> None:
    """An account and a customer are no longer the same: what CRM shows of it is looked at anew."""
    if instance.pair != Link.Pair.CUSTOMER:
        return
    connection = instance.connection
    now = connection.now(seams().clock)
    accounts = _accounts(connection, [(instance.crm_kind, instance.crm_id)])
    mark(connection, Written.Kind.ACCOUNT, accounts, now)
    for one in accounts:
        close_problems(connection, Written.Kind.ACCOUNT, one, now, CAUSE)


def _accounts(connection: Connection, parties: Iterable[tuple[str, str]]) -> set[str]:
    """The accounts of these CRM records: themselves, or a contact's own."""
    found = list(parties)
    contacts = [crm_id for kind, crm_id in found if kind == Record.Kind.CONTACT]
    people = Record.objects.filter(connection=connection, kind=Record.Kind.CONTACT, remote_id__in=contacts)
    parents = set(people.exclude(parent_id="").values_list("parent_id", flat=True))
    return parents | {crm_id for kind, crm_id in found if kind == Record.Kind.ACCOUNT}


def _keep(kept: Checkpoint, place: Place) -> None:
    kept.place = place
    kept.save(update_fields=["place"])


# -- the looks ---------------------------------------------------------------------------------------------------------


def _moved(connection: Connection, now: datetime) -> "QuerySet[Receivable]":
    """Those whose change was not handed on; not while Books' own balance is about to be read."""
    rows = Receivable.objects.filter(Q(noticed_at=None) | Q(changed_at__gt=F("noticed_at")), connection=connection)
    return rows.filter(Q(look_since=None) | Q(look_since__lte=now - PATIENCE))


def _by_change(connection: Connection, now: datetime) -> bool:
    with transaction.atomic():
        found = list(_moved(connection, now).order_by("changed_at").values_list("pk", "customer_id")[:AT_ONCE])
        Receivable.objects.filter(pk__in=[pk for pk, _ in found]).update(noticed_at=F("changed_at"))
        mark_customers(connection, [customer for _, customer in found], now)
    return len(found) == AT_ONCE


def _new_links(connection: Connection, place: Place) -> "QuerySet[Link]":
    rows = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, pk__gt=place.get("link") or 0)
    return rows.order_by("pk")


def _by_link(connection: Connection, place: Place, now: datetime) -> bool:
    found = list(_new_links(connection, place)[:AT_ONCE])
    if found:
        parties = [(one.crm_kind, one.crm_id) for one in found]
        mark(connection, Written.Kind.ACCOUNT, _accounts(connection, parties), now)
        place["link"] = found[-1].pk
    return bool(found)


def _by_day(connection: Connection, place: Place, now: datetime, today: date) -> None:
    """What fell due between the day of the last look and today is overdue now; and once a day all are combed."""
    last = date.fromisoformat(place["day"]) if place.get("day") else today
    if last == today and place.get("day"):
        return
    first, until = min(last, today), max(last, today)
    late = Invoice.objects.filter(OPEN, connection=connection, gone_at=None, due_on__gte=first, due_on__lt=until)
    pairs = list(late.values_list("books_id", "customer_id"))
    for start in range(0, len(pairs), AT_ONCE):
        part = pairs[start : start + AT_ONCE]
        mark_customers(connection, {customer for _, customer in part}, now)
        mark_invoices(connection, [invoice for invoice, _ in part], now)
    _bring_back(connection, now)
    place["day"], place["comb"] = today.isoformat(), place.get("comb") or 0


def _bring_back(connection: Connection, now: datetime) -> None:
    """What CRM had no longer and shows again, out of its recycle bin: read since, it is written again."""
    gone = Written.objects.filter(connection=connection, gone_at__isnull=False)
    since = {(row.kind, row.crm_id): row.gone_at for row in gone.only("kind", "crm_id", "gone_at")}
    ids = {crm_id for _, crm_id in since}
    accounts = Record.objects.filter(connection=connection, kind=Record.Kind.ACCOUNT, gone_at=None, remote_id__in=ids)
    deals = Deal.objects.filter(connection=connection, gone_at=None, crm_id__in=ids)
    read: dict[str, list[tuple[str, datetime]]] = {
        Written.Kind.ACCOUNT: list(accounts.values_list("remote_id", "read_at")),
        Written.Kind.DEAL: list(deals.values_list("crm_id", "read_at")),
    }
    for kind, rows in read.items():
        back = [crm_id for crm_id, at in rows if (left := since.get((kind, crm_id))) is not None and at > left]
        gone.filter(kind=kind, crm_id__in=back).update(gone_at=None, values={}, hold="")
        mark(connection, kind, back, now)


def _by_fields(connection: Connection, place: Place) -> None:
    """Fields that were not written before are filled on every record."""
    fields = _fields(connection)
    if set(fields) - set(place.get("fields") or []):
        place["comb"] = 0
    place["fields"] = fields


def note_fields(connection: Connection) -> None:
    """A field that is gone counts as new once it is there again."""
    kept = checkpoint(connection)
    place: Place = kept.place or {}
    place["fields"] = [one for one in _fields(connection) if one in place.get("fields", [])]
    _keep(kept, place)


def _fields(connection: Connection) -> list[str]:
    return [f"{module}.{one.key}" for module in MODULES for one in places(connection, module).found]


def _mark_billed_deals(connection: Connection, now: datetime) -> None:
    """Once, for deals that were billed before this was looked after."""
    rows = Conversion.objects.filter(connection=connection, state=State.DONE).exclude(deal=None)
    found = list(rows.values_list("deal__crm_id", flat=True))
    for start in range(0, len(found), AT_ONCE):
        mark(connection, Written.Kind.DEAL, found[start : start + AT_ONCE], now)
