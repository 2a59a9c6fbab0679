"""Who looks after a Books customer: the owner in CRM of the account or contact that it is linked to."""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Connection
from syncjobs.models import Link, Record


def linked() -> "QuerySet[Link]":
    """The link of the outer query's customer."""
    return Link.objects.filter(
        connection=OuterRef("connection"), pair=Link.Pair.CUSTOMER, books_id=OuterRef("customer_id")
    )


def party(column: str) -> Subquery:
    """That column of the CRM record that the outer query's customer is linked to."""
    link = Link.objects.filter(
        connection=OuterRef(OuterRef("connection")), pair=Link.Pair.CUSTOMER, books_id=OuterRef(OuterRef("customer_id"))
    )
    rows = Record.objects.filter(
        connection=OuterRef("connection"), kind__in=[Record.Kind.ACCOUNT, Record.Kind.CONTACT],
        remote_id__in=link.values("crm_id"),
    )  # fmt: skip
    return Subquery(rows.order_by("pk").values(column)[:1])


def names(connection: Connection) -> dict[str, str]:
    """The people of CRM by id."""
    return {str(row.get("id", "")): str(row.get("name", "")) for row in connection.crm_users}


def customers_of(connection: Connection, rep: str) -> "QuerySet[Link]":
    """The links of the customers whose account or contact that rep owns in CRM."""
    kinds: Sequence[str] = (Record.Kind.ACCOUNT, Record.Kind.CONTACT)
    owned = Record.objects.filter(connection=connection, kind__in=kinds, owner_id=rep)
    return Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, crm_id__in=owned.values("remote_id"))
