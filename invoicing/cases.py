"""From rows to the facts that the pure rules weigh: everything known about one billing claim, without a call."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Connection
from invoicing import list_rates, sales
from invoicing.domain.documents import (
    AMOUNT_PRODUCT,
    AcceptedPrice,
    Basis,
    BothDiscounts,
    CustomerFacts,
    ItemFacts,
    ItemSuggestion,
    LineSource,
    LiveClaim,
    OrganisationFacts,
    OutsideInvoice,
    PricePolicy,
    ReferenceFrom,
    RulesInForce,
    Sale,
    Supply,
    TaxFacts,
    TaxPart,
    TaxRounding,
)
from invoicing.domain.drafts import Case
from invoicing.domain.portions import Portion
from invoicing.domain.problems import Cause
from invoicing.models import Conversion, Deal, Invoice, PriceDrift, Quote
from syncjobs import link_faults, parties, persons
from syncjobs.absorbing import raw_row
from syncjobs.columns import amount, text
from syncjobs.domain.link_faults import Gone
from syncjobs.domain.parties import CustomerMatch, Verdict
from syncjobs.domain.products import suggest_item
from syncjobs.domain.records import ProductFacts
from syncjobs.models import Link, Record
from zbridge.clock import Clock

# So many letters that two spellings of a product's name begin alike.
BEGINNING = 4


def case_of(
    connection: Connection, deal: Deal | None, quote: Quote | None, clock: Clock, *,
    waived: Iterable[str] = (), generation: int = 1, part: int = 1, live: LiveClaim | None = None,
    portion: Portion | None = None, price: str = "",
) -> Case:  # fmt: skip
    """The case of a deal (with the quote that its ladder picks) or of a quote without deal."""
    sale = sales.sale_of(connection, deal, quote)
    items, suggestions = _items(connection, sale)
    customer, match, party_gone = _customer(connection, sale)
    return Case(
        sale=sale,
        customer=customer,
        match=match,
        items=items,
        suggestions=suggestions,
        taxes=taxes(connection),
        organisation=organisation(connection),
        rules=rules(connection),
        outside=_outside(connection, sale, customer, connection.today(clock)),
        live=live,
        waived=frozenset(Cause(cause) for cause in waived),
        today=connection.today(clock),
        generation=generation,
        part=part,
        portion=portion,
        not_billable=_not_billable(connection, deal, quote),
        party_gone=party_gone,
        price_choice=PricePolicy(price) if price else None,
        accepted_prices=_accepted_prices(connection, sale),
        price_lists=list_rates.of_sale(connection, sale),
    )


def _not_billable(connection: Connection, deal: Deal | None, quote: Quote | None) -> str:
    """Why finance bills nothing of the deal, also where a quote of it is asked for; empty where it is billed."""
    if deal is not None:
        return deal.not_billable
    rows = Deal.objects.filter(connection=connection, crm_id=quote.deal_id) if quote and quote.deal_id else None
    return (rows.values_list("not_billable", flat=True).first() or "") if rows is not None else ""


def _accepted_prices(connection: Connection, sale: Sale) -> dict[str, AcceptedPrice]:
    """The products of the sale whose two prices a person let differ."""
    wanted = {line.product_id for line in sale.lines if line.product_id}
    rows = PriceDrift.objects.filter(
        connection=connection, product_id__in=wanted, state=PriceDrift.State.ACCEPTED, crm_price__isnull=False
    ).exclude(books_price=None)  # fmt: skip
    return {row.product_id: AcceptedPrice(sale=row.crm_price, books=row.books_price, reason=row.reason) for row in rows}


def organisation(connection: Connection) -> OrganisationFacts:
    """How this Books organisation computes, as read when connecting."""
    return OrganisationFacts(
        crm_org_id=connection.crm_org_id,
        books_org_id=connection.books_org_id,
        currency=connection.currency,
        country=connection.country,
        place=connection.state_code,
        tax_regime=connection.tax_regime,
        currencies={row["code"]: int(row["digits"]) for row in connection.currencies},
        tax_rounding=TaxRounding(connection.tax_rounding),
        discount_before_tax_always=connection.discount_before_tax_always,
        deal_amounts=Basis(connection.amounts),
        both_discounts=BothDiscounts(connection.both_discounts),
    )


def rates(connection: Connection) -> dict[str, Decimal]:
    """Currency -> units of the organisation's own for one, as Books last told."""
    return {row["code"]: Decimal(row["rate"]) for row in connection.currencies if Decimal(row.get("rate") or 0)}


def rules(connection: Connection) -> RulesInForce:
    """The settings that a draft follows."""
    return RulesInForce(
        go_live=connection.go_live,
        excluded_stages=frozenset(connection.excluded_stages),
        ladder=tuple(LineSource(source) for source in connection.line_sources),
        default_tax_id=connection.default_tax_id,
        price_policy=PricePolicy(connection.price_policy),
        outside_window_days=connection.outside_window_days,
        reference_from=ReferenceFrom(connection.reference),
        key_field_id=connection.invoice_key_field,
        location_id=connection.location_id,
    )


def taxes(connection: Connection) -> tuple[TaxFacts, ...]:
    """Books' taxes as last read; percentages are kept as text."""
    return tuple(
        TaxFacts(
            books_id=row["id"],
            name=row["name"],
            percentage=Decimal(row["percentage"]),
            parts=tuple(TaxPart(part["name"], Decimal(part["percentage"])) for part in row.get("parts", ())),
            active=row.get("active", True),
            supply=Supply(row.get("supply", "")),
        )
        for row in connection.taxes
    )


def _items(connection: Connection, sale: Sale) -> tuple[dict[str, ItemFacts], dict[str, ItemSuggestion]]:
    """The linked item of each line's product, and the best suggestion for those without."""
    wanted = {line.product_id for line in sale.lines if line.product_id}
    links = Link.objects.filter(connection=connection, pair=Link.Pair.PRODUCT, crm_id__in=wanted)
    books_ids = dict(links.values_list("crm_id", "books_id"))
    if AMOUNT_PRODUCT in wanted and connection.amount_item_id:
        books_ids[AMOUNT_PRODUCT] = connection.amount_item_id
    rows = Record.objects.filter(connection=connection, kind="item", remote_id__in=books_ids.values())
    found = {row.remote_id: _item(row) for row in rows}
    items = {product: found[books_id] for product, books_id in books_ids.items() if books_id in found}
    return items, _suggestions(connection, sale, wanted - set(items))


def _item(row: Record) -> ItemFacts:
    return ItemFacts(
        books_id=row.remote_id, name=row.name, rate=row.price, tax_id=row.tax_id, active=row.active and not row.gone_at
    )


def _suggestions(connection: Connection, sale: Sale, unlinked: set[str]) -> dict[str, ItemSuggestion]:
    found: dict[str, ItemSuggestion] = {}
    for product in Record.objects.filter(connection=connection, kind="product", remote_id__in=unlinked):
        codes = {product.code_key, product.name_key.replace(" ", "")} - {""}
        alike = Q(code_key__in=codes) | Q(name_key__in={product.name_key, product.code.casefold().replace("-", " ")})
        if start := product.name_key[:BEGINNING]:
            alike |= Q(name_key__gte=start, name_key__lt=start + chr(0x10FFFF))
        rows = {row.remote_id: row for row in Record.objects.filter(alike, connection=connection, kind="item")[:50]}
        suggestion = suggest_item(_product(product), [_product(row) for row in rows.values()])
        if suggestion is not None:
            found[product.remote_id] = ItemSuggestion(item=_item(rows[suggestion.item.id]), reason=suggestion.reason)
    return found


def _product(row: Record) -> ProductFacts:
    return ProductFacts(
        id=row.remote_id, name=row.name, name_key=row.name_key, code=row.code, code_key=row.code_key, price=row.price,
        active=row.active,
    )  # fmt: skip


def _customer(connection: Connection, sale: Sale) -> tuple[CustomerFacts | None, CustomerMatch | None, str]:
    """The linked customer, the certain one, or one to be created; None with the match where a person must choose.

    Last the name of its linked account, where CRM has that no longer: then nobody else is billed for it.
    """
    party = parties.party_of(connection, sale.account_id, sale.contact_id, sale.currency)
    gone = parties.gone_account(connection, sale.account_id, party)
    if party is None or gone:
        return None, None, gone
    return *_customer_of(connection, sale, party), ""


def _customer_of(
    connection: Connection, sale: Sale, party: parties.Party
) -> tuple[CustomerFacts | None, CustomerMatch | None]:
    linked = parties.linked_customer(connection, party)
    if linked is not None:
        return customer_facts(linked), None
    match = parties.match_in_mirror(connection, party)
    if match.verdict == Verdict.CERTAIN and match.chosen is not None:
        row = Record.objects.get(connection=connection, kind="customer", remote_id=match.chosen.party.id)
        return customer_facts(row), match
    if match.verdict == Verdict.CREATE:
        return CustomerFacts(books_id="", name=party.record.name, currency=sale.currency), match
    return None, match


# By edition; a customer has one of them (facts: simulator-defaults, fields not in the other sheets).
TREATMENTS = ("vat_treatment", "tax_treatment", "gst_treatment")


def customer_facts(row: Record, person: str = "") -> CustomerFacts:
    """A Books customer as the rules see it, with the terms of its list row."""
    told: dict[str, Any] = row.fields.get("told") or {}
    raw = told | {name: value for name, value in raw_row(row.raw).items() if value not in (None, "")}
    terms = text(raw.get("payment_terms"))
    return CustomerFacts(
        books_id=row.remote_id,
        name=row.name,
        currency=row.currency,
        active=row.active and not row.gone_at,
        gone=None if row.active and not row.gone_at else _gone(row),
        terms_days=int(terms) if terms.lstrip("-").isdigit() else None,
        terms_label=text(raw.get("payment_terms_label")),
        tax_treatment=next((text(raw[name]) for name in TREATMENTS if text(raw.get(name))), ""),
        taxable=text(raw.get("is_taxable")).lower() != "false",
        exemption_id=text(raw.get("tax_exemption_id")),
        place=text(raw.get("place_of_contact")) if persons.is_fresh(row) else None,
        owes=amount(raw.get("outstanding_receivable_amount")),
        credit_limit=amount(told.get("credit_limit")),
        contact_person_ids=(person,) if person else (),
    )


def _gone(row: Record) -> Gone | None:
    """How Books lost it; None where it is just inactive there."""
    merged, name = link_faults.master_of(row)
    if row.gone_at is None and not merged:
        return None
    links = Link.objects.filter(connection=row.connection, pair=Link.Pair.CUSTOMER, books_id=row.remote_id)
    return Gone(str(links.values_list("pk", flat=True).first() or ""), name)


def with_customer(case: Case, row: Record, person: str) -> Case:
    """The case with the customer that was found or created."""
    facts = customer_facts(row, person)
    return replace(case, customer=facts, outside=_outside(row.connection, case.sale, facts, case.today))


def _outside(
    connection: Connection, sale: Sale, customer: CustomerFacts | None, today: date
) -> tuple[OutsideInvoice, ...]:
    """Invoices that zbridge did not make and that name the sale, or its customer within the window."""
    references = {text for text in (sale.deal_id, sale.name, sale.deal_name, sale.quote_number) if text}
    named = Q(reference__in=references)
    if sale.deal_id:
        named |= Q(potential_id=sale.deal_id)
    if customer is not None and customer.books_id:
        since = min(sale.won_on or today, today) - timedelta(days=connection.outside_window_days)
        named |= Q(customer_id=customer.books_id, issued_on__gte=since)
    ours = Conversion.objects.filter(connection=connection).exclude(books_invoice_id="").values("books_invoice_id")
    rows = Invoice.objects.filter(named, connection=connection, gone_at=None, key="").exclude(status="void")
    return tuple(_outside_facts(row) for row in rows.exclude(books_id__in=ours)[:100])


def _outside_facts(row: Invoice) -> OutsideInvoice:
    return OutsideInvoice(
        books_id=row.books_id, number=row.number, customer_id=row.customer_id, currency=row.currency, total=row.total,
        status=row.status, reference=row.reference, potential_id=row.potential_id, issued_on=row.issued_on,
    )  # fmt: skip
