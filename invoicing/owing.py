"""Whose a Books customer is in CRM, and what each account owes, kept on its record so that lists by it need no join."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Connection
from invoicing.models import Receivable
from syncjobs.models import Link, Record

AT_ONCE = 500
NOTHING: "tuple[int, date | None]" = (0, None)
COLUMNS = ("remote_id", "name", "currency", "outstanding", "credits", "outstanding_base", "read_at")


def accounts_of(connection: Connection, customer_ids: Collection[str]) -> dict[str, str]:
    """The CRM account of each linked customer: its own, or that of the contact it is linked to."""
    links = Link.objects.filter(connection=connection, pair="customer", books_id__in=customer_ids)
    return _accounts(connection, links)


def _accounts(connection: Connection, links: "Iterable[Link]") -> dict[str, str]:
    """By customer; `links` may be rows that exist no more."""
    found = {link.books_id: (link.crm_kind, link.crm_id) for link in links}
    contacts = [crm_id for kind, crm_id in found.values() if kind == Record.Kind.CONTACT]
    rows = Record.objects.filter(connection=connection, kind="contact", remote_id__in=contacts)
    parents = dict(rows.values_list("remote_id", "parent_id")) if contacts else {}
    return {
        customer: parents.get(crm_id, "") if kind == "contact" else crm_id for customer, (kind, crm_id) in found.items()
    }


def customers(connection: Connection, ids: Any) -> "QuerySet[Record]":
    """These Books customers, unless they are gone."""
    rows = Record.objects.filter(connection=connection, kind="customer", gone_at=None, remote_id__in=ids)
    return rows.order_by().only(*COLUMNS)


def customers_of(connection: Connection, account_ids: Collection[str]) -> "QuerySet[Any]":
    """The customers linked to these CRM accounts or to contacts of theirs, each with its `account_id`; by one query.

    The first linked comes first.
    """
    contacts = Record.objects.filter(connection=connection, kind="contact", gone_at=None).order_by()
    people = contacts.filter(parent_id__in=account_ids).values("remote_id")
    links = Link.objects.filter(connection=connection, pair="customer")
    # Two conditions with OR would make PostgreSQL walk through all links.
    ids = links.filter(crm_id__in=account_ids).union(links.filter(crm_kind="contact", crm_id__in=people))
    mine = links.filter(books_id=OuterRef("remote_id"))
    through = contacts.filter(remote_id=OuterRef("crm_id"), parent_id__in=account_ids).values("parent_id")
    rows = customers(connection, ids.values("books_id"))
    rows = rows.annotate(link=Subquery(mine.values("pk")), crm_id=Subquery(mine.values("crm_id")))
    return rows.annotate(account_id=Coalesce(Subquery(through), "crm_id")).order_by("link")


def keep(connection: Connection, account_ids: Iterable[str]) -> None:
    """Keep with these CRM accounts how many invoices their customers have open, and since when.

    In the caller's transaction, whenever receivables, links, customers or contacts change; only changes are written.
    """
    ids = sorted({one for one in account_ids if one})
    for first in range(0, len(ids), AT_ONCE):
        _keep(connection, ids[first : first + AT_ONCE])


def _keep(connection: Connection, ids: Sequence[str]) -> None:
    accounts = Record.objects.filter(connection=connection, kind="account", remote_id__in=ids).order_by("pk")
    with transaction.atomic():
        # Locked before anything is added up: of two at once the later one sees what the earlier one had stored.
        rows = list(accounts.select_for_update().only("remote_id", "open_count", "owed_since"))
        owed, changed = _owed(connection, ids), []
        for row in rows:
            wanted = owed.get(row.remote_id, NOTHING)
            if (row.open_count, row.owed_since) != wanted:
                row.open_count, row.owed_since = wanted
                changed.append(row)
        Record.objects.bulk_update(changed, ["open_count", "owed_since"])


def _owed(connection: Connection, ids: Sequence[str]) -> "dict[str, tuple[int, date | None]]":
    """By account: open invoices, and their oldest due date."""
    accounts = {row.remote_id: row.account_id for row in customers_of(connection, ids)}
    rows = Receivable.objects.filter(connection=connection, customer_id__in=accounts, open_count__gt=0)
    found: dict[str, tuple[int, date | None]] = {}
    for customer, count, due in rows.values_list("customer_id", "open_count", "oldest_due_on"):
        before, since = found.get(accounts[customer], NOTHING)
        found[accounts[customer]] = before + count, min((day for day in (since, due) if day), default=None)
    return found


# -- when it changes otherwise than by documents -----------------------------------------------------------------------


def many_linked(sender: type[Link], connection: Connection, links: Sequence[Link], **signal: Any) -> None:
    """These customers are known to be these accounts', or are so no longer."""
    keep(connection, _accounts(connection, [link for link in links if link.pair == Link.Pair.CUSTOMER]).values())


def linked(sender: type[Link], instance: Link, created: bool, **signal: Any) -> None:
    """One more is known."""
    if created:
        many_linked(sender, instance.connection, [instance])


def link_gone(sender: type[Link], instance: Link, **signal: Any) -> None:
    """One is no longer that account's."""
    many_linked(sender, instance.connection, [instance])
