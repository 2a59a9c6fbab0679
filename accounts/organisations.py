"""Which organisations a consent opens, and the choice of one: ids, currency, zone, taxes, stages are read and kept."""

from collections.abc import Iterable
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.books_money import read_currencies, read_taxes
from accounts.clients import Clients, Seams
from accounts.consent import crm_org_id
from accounts.line_columns import guess
from accounts.models import Connection, User
from zbridge.zoho.errors import Rejected, ZohoError

Row = dict[str, Any]
GST_COUNTRIES = frozenset({"in", "au", "nz", "sg", "india", "australia", "newzealand", "singapore"})
ROUNDINGS = frozenset({"entity_level", "item_level"})
# How long a person who sets a connection up waits for calls that the limiter holds back.
PATIENCE = 30.0


class CannotConnect(Exception):
    """The choice is not possible; its text is the sentence for the person."""


@dataclass(frozen=True)
class Organisation:
    """A Books organisation that the consent opens, as the choice shows it."""

    books_id: str
    name: str
    currency: str
    country: str
    plan: str
    active: bool
    taken: bool

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON, for the session."""
        return asdict(self)


def list_organisations(connection: Connection, seams: Seams) -> list[Organisation]:
    """The Books organisations of the connected user: one call, and one more for each whose country isn't listed."""
    found = _listed(connection, seams)
    return [row if row.country else replace(row, country=_asked_country(connection, row, seams)) for row in found]


def _listed(connection: Connection, seams: Seams) -> list[Organisation]:
    rows = seams.clients(connection, patience=PATIENCE).books.organizations()
    others = Connection.objects.exclude(pk=connection.pk).filter(data_centre=connection.data_centre)
    taken = set(others.exclude(state=Connection.State.DRAFT).values_list("books_org_id", flat=True))
    return [_organisation(row, taken) for row in rows]


def _asked_country(connection: Connection, row: Organisation, seams: Seams) -> str:
    """The list shows no country, the organisation itself does (facts Books 7.5)."""
    if not row.active:
        return ""
    there = copy(connection)
    there.books_org_id = row.books_id
    try:
        return _country(seams.clients(there, patience=PATIENCE).books.organization(row.books_id))
    except ZohoError:
        # A country that isn't told is no reason to offer no organisation.
        return ""


def _organisation(row: Row, taken: set[str]) -> Organisation:
    return Organisation(
        books_id=str(row["organization_id"]),
        name=str(row.get("name") or ""),
        currency=str(row.get("currency_code") or ""),
        country=_country(row),
        plan=str(row.get("plan_name") or "").title(),
        active=_is_active(row),
        taken=str(row["organization_id"]) in taken,
    )


def _is_active(row: Row) -> bool:
    """Both spellings occur (facts Books 7.5); silence counts as active."""
    return row.get("is_org_active", row.get("isOrgActive", True)) is not False


def choose_organisation(connection: Connection, books_org_id: str, user: User | None, seams: Seams) -> Connection:
    """Bind the connection to a Books organisation and to the consent's CRM organisation, and read how they compute.

    Raises CannotConnect with a sentence; a connection that is bound already keeps its organisations for ever.
    """
    if connection.books_org_id not in ("", books_org_id):
        raise CannotConnect(f"This connection belongs to {connection}; make another connection for another one.")
    listed = {row.books_id: row for row in _listed(connection, seams)}
    chosen = listed.get(books_org_id)
    if chosen is None or not chosen.active:
        raise CannotConnect("This organisation is not active, or the connected Zoho user can't open it.")
    connection.books_org_id = books_org_id
    clients = seams.clients(connection, patience=PATIENCE)
    _read_books(connection, chosen, clients)
    _read_crm(connection, clients)
    _check_free(connection)
    _keep(connection, user, seams)
    return connection


def _check_free(connection: Connection) -> None:
    twins = Connection.objects.exclude(pk=connection.pk).filter(
        data_centre=connection.data_centre, crm_org_id=connection.crm_org_id, books_org_id=connection.books_org_id
    )
    if twins.exclude(state=Connection.State.DRAFT).exists():
        raise CannotConnect(f"{connection.books_org_name} has a connection already.")


def _keep(connection: Connection, user: User | None, seams: Seams) -> None:
    connection.name = connection.books_org_name
    connection.state, connection.hold = Connection.State.CONNECTED, ""
    with transaction.atomic():
        connection.save()
        audit.record(
            user, "organisation", f"{connection.crm_org_name} (CRM) and {connection} (Books) are connected.",
            connection=connection, subject=("connection", str(connection.pk)), clock=seams.clock,
            detail={"crm_org_id": connection.crm_org_id, "books_org_id": connection.books_org_id},
        )  # fmt: skip


def _read_books(connection: Connection, chosen: Organisation, clients: Clients) -> None:
    detail = clients.books.organization(chosen.books_id)
    connection.books_org_name = chosen.name
    connection.books_plan = chosen.plan
    connection.currency = chosen.currency or str(detail.get("currency_code") or "")
    connection.country = _country(detail) or chosen.country
    connection.time_zone = str(detail.get("time_zone") or "UTC")
    connection.price_precision = int(detail.get("price_precision") or 2)
    connection.state_code = _state(detail)
    connection.taxes, connection.currencies = read_taxes(clients), read_currencies(clients)
    connection.tax_regime = _regime(detail, connection)
    if detail.get("tax_rounding") in ROUNDINGS:
        connection.tax_rounding = detail["tax_rounding"]
    if not connection.default_tax_id:
        connection.default_tax_id = next((row["id"] for row in connection.taxes if row["default"]), "")


def read_money_anew(connection: Connection, clients: Clients) -> None:
    """Books' taxes and currencies as they are now: finance adds some after the connection was made.

    Two calls, and one for each tax group.
    """
    connection.taxes, connection.currencies = read_taxes(clients), read_currencies(clients)
    connection.save(update_fields=["taxes", "currencies"])


def _country(detail: Row) -> str:
    address = detail.get("address")
    named = address.get("country") if isinstance(address, dict) else None
    return str(detail.get("country") or named or "")


def _state(detail: Row) -> str:
    """The state that the organisation supplies from, as its address says; else empty."""
    address = detail.get("address")
    return str(detail.get("state_code") or (address.get("state_code") if isinstance(address, dict) else "") or "")


def _regime(detail: Row, connection: Connection) -> str:
    """none, us, gst or vat: how the organisation's edition taxes (facts Books 7.5: `version` is the edition)."""
    edition = str(detail.get("version") or "").lower()
    if not connection.taxes:
        return "none"
    if edition == "us":
        return "us"
    place = {edition, connection.country.lower().replace(" ", "")}
    return "gst" if place & GST_COUNTRIES else "vat"


def _read_crm(connection: Connection, clients: Clients) -> None:
    org = clients.crm.org()
    connection.crm_org_id = crm_org_id(org)
    connection.crm_org_name = str(org.get("company_name") or "")
    paid = org.get("license_details") or {}
    connection.crm_edition = str(paid.get("paid_type") or "").title()
    connection.crm_licences = int(paid.get("users_license_purchased") or 0)
    connection.crm_users = [_crm_user(row) for row in clients.crm.users()]
    fields = clients.crm.fields("Deals")
    connection.stage_types = stage_types(clients, fields)
    subforms = [str(row["api_name"]) for row in fields if row.get("data_type") == "subform"]
    if not connection.subform and len(subforms) == 1:
        connection.subform = subforms[0]
    if connection.subform and not connection.subform_columns:
        connection.subform_columns = guess(clients.crm.fields(connection.subform))


def _crm_user(row: Row) -> Row:
    return {"id": str(row["id"]), "name": str(row.get("full_name") or ""), "email": str(row.get("email") or "")}


def stage_types(clients: Clients, deal_fields: Iterable[Row]) -> dict[str, str]:
    """pipeline|stage -> forecast type, and |stage for organisations without pipelines (facts CRM 3.4)."""
    stage = next((row for row in deal_fields if row.get("api_name") == "Stage"), {})
    found = _stages("", stage.get("pick_list_values") or [])
    try:
        pipelines = [row for layout in clients.crm.layouts("Deals") for row in clients.crm.pipelines(str(layout["id"]))]
    except Rejected:
        # This edition has no pipelines: the stage field alone says what is won.
        return found
    for row in pipelines:
        for name in {str(row.get("actual_value") or ""), str(row.get("display_value") or "")} - {""}:
            found |= _stages(name, row.get("maps") or [])
    return found


def _stages(pipeline: str, values: Iterable[Row]) -> dict[str, str]:
    """Records name a stage as it is shown or as it is meant; both are kept."""
    return {
        f"{pipeline}|{value[spelling]}": str(value["forecast_type"])
        for value in values
        for spelling in ("display_value", "actual_value")
        if value.get(spelling) and value.get("forecast_type")
    }
