"""What a rep sees: her own deals, what belongs to them, and the accounts and customers behind them (ui.md 1)."""

from typing import cast

from django.db.models import Model, Q, QuerySet

from accounts import scope
from accounts.models import User
from invoicing.models import Conversion, CreditNote, Deal, Invoice, ListPrice, Payment, PriceDrift, Quote
from syncjobs.models import Link, Record

# Products and items are no secret: a rep needs their names and prices on her own lines.
SHARED_KINDS = (Record.Kind.PRODUCT, Record.Kind.ITEM)
Rows = QuerySet[Model]


def own_deals(user: User) -> QuerySet[Deal]:
    """The deals that CRM lists as hers; none when nobody said which CRM user she is."""
    return Deal.objects.filter(owner_id=user.crm_user_id) if user.crm_user_id else Deal.objects.none()


def _deals(user: User, rows: Rows) -> Rows:
    return rows.filter(pk__in=own_deals(user).values("pk"))


def _own_quotes(user: User) -> QuerySet[Quote]:
    if not user.crm_user_id:
        return Quote.objects.none()
    return Quote.objects.filter(Q(owner_id=user.crm_user_id) | Q(deal_id__in=own_deals(user).values("crm_id")))


def _quotes(user: User, rows: Rows) -> Rows:
    return rows.filter(pk__in=_own_quotes(user).values("pk"))


def _conversions(user: User, rows: Rows) -> Rows:
    return rows.filter(Q(deal__in=own_deals(user)) | Q(quote__in=_own_quotes(user)))


def own_parties(user: User) -> Q:
    """CRM accounts and contacts of her deals, as a condition on (kind, id) columns `kind` and `remote_id`."""
    deals = own_deals(user).exclude(account_id="")
    contacts = own_deals(user).exclude(contact_id="")
    accounts = Q(kind=Record.Kind.ACCOUNT, remote_id__in=deals.values("account_id"))
    people = Q(kind=Record.Kind.CONTACT) & (
        Q(remote_id__in=contacts.values("contact_id")) | Q(parent_id__in=deals.values("account_id"))
    )
    return accounts | people


def _own_customers(user: User) -> QuerySet[Link]:
    """The links of her accounts and of her deals' contacts to Books customers."""
    deals = own_deals(user)
    return Link.objects.filter(pair=Link.Pair.CUSTOMER).filter(
        Q(crm_kind=Record.Kind.ACCOUNT, crm_id__in=deals.exclude(account_id="").values("account_id"))
        | Q(crm_kind=Record.Kind.CONTACT, crm_id__in=deals.exclude(contact_id="").values("contact_id"))
    )


def _records(user: User, rows: Rows) -> Rows:
    customers = Q(kind=Record.Kind.CUSTOMER, remote_id__in=_own_customers(user).values("books_id"))
    return rows.filter(own_parties(user) | customers | Q(kind__in=SHARED_KINDS))


def _invoices(user: User, rows: Rows) -> Rows:
    made = Conversion.objects.filter(Q(deal__in=own_deals(user)) | Q(quote__in=_own_quotes(user)))
    return rows.filter(
        Q(customer_id__in=_own_customers(user).values("books_id"))
        | Q(books_id__in=made.exclude(books_invoice_id="").values("books_invoice_id"))
    )


def _money(user: User, rows: Rows) -> Rows:
    """Payments and credit notes of her customers: an account whose deal is hers shows all its money."""
    return rows.filter(customer_id__in=_own_customers(user).values("books_id"))


def _prices(user: User, rows: Rows) -> Rows:
    """Prices are no secret, by list or not; the quotes and deals that they touch are shown by their own rules."""
    return rows


def register() -> None:
    """Put the rules into the one scoping function."""
    for model, rule in (
        (Deal, _deals), (Quote, _quotes), (Conversion, _conversions), (Invoice, _invoices), (Record, _records),
        (Payment, _money), (CreditNote, _money), (PriceDrift, _prices), (ListPrice, _prices),
    ):  # fmt: skip
        scope.register(cast(type[Model], model), rule)
