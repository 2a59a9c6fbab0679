"""Invoices, estimates and credit notes as documents: customer, currency, dates, numbers, sums (facts Books 5.2, 7)."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from zbridge.simulator import books_lines, books_unique
from zbridge.simulator.app import Row
from zbridge.simulator.books_arithmetic import Discount, Header, sums
from zbridge.simulator.books_contacts import check_lengths
from zbridge.simulator.books_desk import Desk, Refused, day, invalid, number, text, truth
from zbridge.simulator.books_modules import MODULES

TEXTS = ("reference_number", "notes", "terms", "adjustment_description", "salesperson_name", "template_id")
LENGTHS = {"invoice_number": 100, "payment_terms_label": 100, "salesperson_name": 200}
SUMMED = {"discount": 0, "shipping_charge": 0, "adjustment": 0, "shipping_charge_tax_id": "", "discount_type": ""}
FLAGS = {"is_inclusive_tax": False, "is_discount_before_tax": True}
EMPTY = (
    "estimate_id", "salesorder_id", "recurring_invoice_id", "last_payment_date", "zcrm_potential_id",
    "zcrm_potential_name", "client_viewed_time", "payment_expected_date", "reminders_sent", "last_reminder_sent_date",
)  # fmt: skip
END_OF_MONTH, END_OF_NEXT_MONTH = -2, -3
LARGEST_RATE = 1_000_000


def build(desk: Desk, module: str, sent: Row, before: Row | None, own_number: bool) -> Row:
    """The document as it will stand; numbers are given last, so that a refusal uses none up."""
    check_lengths(sent, LENGTHS)
    customer = _customer(desk, str(sent.get("customer_id") or (before or {}).get("customer_id") or ""), before)
    doc: Row = before or dict.fromkeys((*TEXTS, *EMPTY), "") | SUMMED | FLAGS | {"_state": "draft", "is_emailed": False}
    doc = doc | {name: text(sent, name) for name in TEXTS if name in sent}
    doc |= {name: sent[name] for name in SUMMED if sent.get(name) is not None}
    doc |= {name: truth(sent[name]) for name in FLAGS if name in sent}
    doc |= _addressed(customer, sent, before)
    doc |= _currency(desk, customer, sent, before)
    doc |= _dates(desk, customer, sent, doc)
    check_lock(desk, doc)
    doc["location_id"] = _location(desk, sent, before)
    doc["line_items"] = books_lines.read(desk, sent.get("line_items", doc.get("line_items")), doc.get("line_items", []))
    doc["_items"] = books_lines.names_of(doc)
    doc["_cf"] = books_unique.stored(desk, module, sent, before)
    _potential(desk, doc, sent)
    summed_up(desk, doc)
    if before is None:
        doc[MODULES[module].number] = _number(desk, module, sent, own_number)
    return doc


def _customer(desk: Desk, id: str, before: Row | None) -> Row:
    if not id:
        raise Refused(400, 4, "Invalid value passed for customer_id")
    customer = desk.look("contacts", id)
    if customer is None or customer["contact_type"] == "vendor":
        raise Refused(404, 1002, "The Customer is not accessible.")
    kept = before is not None and before["customer_id"] == id
    if customer["status"] != "active" and not kept and desk.sim.switches["books_inactive_customer"] != "accepted":
        raise Refused(400, 4, f'The customer "{customer["contact_name"]}" is inactive.')
    return customer


def _addressed(customer: Row, sent: Row, before: Row | None) -> Row:
    found = {
        "customer_id": customer["contact_id"], "customer_name": customer["contact_name"], "email": customer["email"],
        "company_name": customer["company_name"],
    }  # fmt: skip
    if before is None:
        found |= {name: customer[name] for name in ("billing_address", "shipping_address")} | {"contact_persons": []}
    if isinstance(sent.get("contact_persons"), list):
        found["contact_persons"] = [str(one) for one in sent["contact_persons"]]
    return found


def _currency(desk: Desk, customer: Row, sent: Row, before: Row | None) -> Row:
    wanted = str(sent.get("currency_id") or (before or {}).get("currency_id") or customer["currency_id"])
    code = sent.get("currency_code") if not sent.get("currency_id") else None
    row = desk.currency(wanted, str(code or ""))
    other = row["currency_id"] != customer["currency_id"]
    if other and desk.sim.switches["books_currency_mismatch"] != "accepted":
        raise Refused(400, 4, "The currency of the transaction differs from the customer's currency.")
    rate = sent.get("exchange_rate") or (before or {}).get("exchange_rate") or row["exchange_rate"]
    found = {name: row[name] for name in ("currency_id", "currency_code", "currency_symbol", "price_precision")}
    return found | {"exchange_rate": Decimal(1) if row["is_base_currency"] else _rate(rate)}


def _rate(sent: object) -> Decimal:
    rate = number(sent, "exchange_rate")
    if not 0 < rate < LARGEST_RATE:
        raise invalid("exchange_rate")
    return rate


def _dates(desk: Desk, customer: Row, sent: Row, doc: Row) -> Row:
    made = day(sent["date"], "date") if sent.get("date") else doc.get("date") or desk.today.isoformat()
    terms = sent.get("payment_terms", doc.get("payment_terms", customer["payment_terms"]))
    terms = int(number(terms, "Payment Terms"))
    label = text(sent, "payment_terms_label") or doc.get("payment_terms_label") or customer["payment_terms_label"]
    moved = any(sent.get(name) not in (None, "") for name in ("date", "payment_terms"))
    due = day(sent["due_date"], "due_date") if sent.get("due_date") else "" if moved else doc.get("due_date", "")
    due = due or _due(date.fromisoformat(made), terms)
    if due < made:
        raise invalid("due_date")
    expiry = day(sent["expiry_date"], "expiry_date") if sent.get("expiry_date") else doc.get("expiry_date", "")
    found = {"date": made, "payment_terms": terms, "payment_terms_label": label, "due_date": due}
    return found | {"expiry_date": expiry}


def _due(made: date, terms: int) -> str:
    """The day it is due; refused beyond the calendar."""
    try:
        return _due_day(made, terms).isoformat()
    except OverflowError as error:
        raise invalid("Payment Terms") from error


def _due_day(made: date, terms: int) -> date:
    """Net days; negative terms are rules."""
    if terms not in (END_OF_MONTH, END_OF_NEXT_MONTH):
        return made + timedelta(days=max(0, terms))
    last = made.replace(day=monthrange(made.year, made.month)[1])
    if terms == END_OF_MONTH:
        return last
    following = last + timedelta(days=1)
    return following.replace(day=monthrange(following.year, following.month)[1])


def check_lock(desk: Desk, doc: Row) -> None:
    """A locked period takes no transaction."""
    lock = desk.org.get("transaction_lock")
    if lock and str(doc["date"]) <= str(lock):
        raise Refused(400, 9, f"Transactions are locked until {lock}: invalid value passed for date")


def _location(desk: Desk, sent: Row, before: Row | None) -> str:
    """One of the organisation's locations (a setting of the simulator); the first where none is named."""
    known = [str(one) for one in desk.org.get("locations") or []]
    wanted = str(sent.get("location_id") or (before or {}).get("location_id") or next(iter(known), ""))
    if wanted and wanted not in known:
        raise invalid("location_id")
    return wanted


def _potential(desk: Desk, doc: Row, sent: Row) -> None:
    id = text(sent, "zcrm_potential_id")
    if id and (desk.person or desk.sim.switches["books_potential_id_on_create"] == "stored"):
        deal = desk.sim.store.get("crm", "Deals", id) or {}
        doc |= {"zcrm_potential_id": id, "zcrm_potential_name": text(deal, "Deal_Name")}


def _number(desk: Desk, module: str, sent: Row, own: bool) -> str:
    kind = MODULES[module]
    given = text(sent, kind.number).strip()
    if own and not given:
        raise Refused(400, 4, f"Invalid value passed for {kind.number}")
    if own:
        _check_number(desk, module, given)
        return given
    while True:
        made = f"{kind.prefix}{desk.sim.store.next_number(f'{desk.name} {module}'):06}"
        if not desk.find(module, kind.number, made.casefold()):
            return made


def _check_number(desk: Desk, module: str, given: str) -> None:
    if module == "invoices" and desk.sim.switches["books_duplicate_invoice_number"] == "accepted":
        return
    if desk.find(module, MODULES[module].number, given.casefold()):
        raise Refused(400, 1001, f'{MODULES[module].title} number "{given}" already exists.')


def discount_first(desk: Desk, doc: Row) -> bool:
    """Whether a header discount lowers the taxable base: the switch, the organisation, else the document decides."""
    order = desk.sim.switches["books_discount_tax_order"]
    if order != "as_sent":
        return bool(order == "before")
    return desk.org.get("discount_before_tax") == "always" or bool(doc["is_discount_before_tax"])


def summed_up(desk: Desk, doc: Row) -> None:
    """Add the document up."""
    off = books_lines.discount(doc["discount"])
    kind = doc["discount_type"] or ("entity_level" if off.value else "item_level")
    header = Header(
        places=int(doc["price_precision"]), item_level=desk.org["tax_rounding"] == "item_level",
        inclusive=doc["is_inclusive_tax"], discount=off if kind == "entity_level" else Discount(),
        discount_first=discount_first(desk, doc), shipping=number(doc["shipping_charge"] or 0, "shipping_charge"),
        shipping_taxes=books_lines.taxes(desk, str(doc["shipping_charge_tax_id"])),
        adjustment=number(doc["adjustment"] or 0, "adjustment"),
    )  # fmt: skip
    lines = [books_lines.summed(desk, line, discounted=kind == "item_level") for line in doc["line_items"]]
    added = sums(lines, header)
    rate = Decimal(doc["exchange_rate"])
    pairs = zip(doc["line_items"], added.lines, strict=True)
    doc["line_items"] = [books_lines.with_sum(desk, line, one, rate) for line, one in pairs]
    doc["taxes"] = [{"tax_id": tax.id, "tax_name": tax.name, "tax_amount": amount} for tax, amount in added.taxes]
    doc |= {
        "sub_total": added.sub_total, "discount_total": added.discount, "tax_total": added.tax_total,
        "total": added.total, "discount_type": kind, "tax_rounding": desk.org["tax_rounding"],
        "shipping_charge": header.shipping,
        "adjustment": header.adjustment, "tax_amount_withheld": 0,
    }  # fmt: skip
