"""The two organisations of Books that every world begins with: their currencies, taxes and accounts."""

from decimal import Decimal

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.books_desk import Desk
from zbridge.simulator.store import stamp

MAIN, SECOND = "600000000000101", "600000000000202"
CURRENCIES = (
    ("EUR", "Euro", "€", 2, "1"),
    ("USD", "US Dollar", "$", 2, "0.90"),
    ("GBP", "Pound Sterling", "£", 2, "1.15"),
    ("JPY", "Japanese Yen", "¥", 0, "0.006"),
    ("KWD", "Kuwaiti Dinar", "KD", 3, "3.00"),
)
TAXES = (("VAT 19 %", 19), ("VAT 7 %", 7), ("VAT 0 %", 0))
COMPOUND = (("City tax", 2), ("State tax", 6))
ACCOUNTS = (("Sales", "income"), ("Undeposited Funds", "cash"), ("Accounts Receivable", "accounts_receivable"))

# Their ids are their own, so that no other id moved when they came.
EXEMPTIONS = (("4600000000025001", "REVERSE CHARGE", "customer"), ("4600000000025008", "EXEMPT SUPPLY", "item"))


def lay(sim: Simulator) -> None:
    """Lay both in an empty store."""
    sim.store.set("books_organization_id", MAIN)
    sim.store.set("second_books_organization_id", SECOND)
    main = {"name": "Brightwater Supplies GmbH", "time_zone": "Europe/Berlin", "plan_name": "PROFESSIONAL"}
    _organization(sim, MAIN, "EUR", main | {"country": "Germany", "version": "eu", "is_default_org": True})
    second = {"name": "Brightwater Inc", "time_zone": "America/New_York", "plan_name": "STANDARD"}
    _organization(sim, SECOND, "USD", second | {"country": "U.S.A", "version": "us", "is_default_org": False})


def _organization(sim: Simulator, id: str, currency: str, own: Row) -> None:
    base = next(row for row in CURRENCIES if row[0] == currency)
    org = own | {
        "organization_id": id, "contact_name": "Maria Admin", "email": "admin@brightwater.example", "plan_type": 16,
        "plan_period": "Yearly", "language_code": "en", "fiscal_year_start_month": 0,
        "account_created_date": "2024-01-02",
        "is_org_active": True, "currency_code": currency, "currency_symbol": base[2],
        "currency_format": "1,234,567.89",
        "price_precision": 2, "limits": "on", "day_limit": None, "minute_limit": 100, "concurrency_limit": 10,
        "tax_rounding": "entity_level", "discount_before_tax": "as_sent", "duplicate_names": False,
        "transaction_lock": "", "native_integration": False, "state_code": "", "locations": [],
    }  # fmt: skip
    desk = Desk(sim, org)
    for code, name, symbol, places, rate in CURRENCIES:
        made = _currency(desk, code, name, symbol, places, Decimal(rate) / Decimal(base[4]))
        if code == currency:
            org["currency_id"] = made["currency_id"]
    _taxes(desk)
    for name, kind in ACCOUNTS:
        desk.add("chartofaccounts", {"account_name": name, "account_type": kind, "is_active": True})
    for exemption_id, code, kind in EXEMPTIONS:
        row = {"tax_exemption_code": code, "description": "", "type": kind}
        desk.add("taxexemptions", {"tax_exemption_id": exemption_id} | row)
    now = stamp(sim.clock.now())
    sim.store.save("sim", "books_orgs", id, org, created=now, modified=now, written=0.0, keys={})


def _currency(desk: Desk, code: str, name: str, symbol: str, places: int, rate: Decimal) -> Row:
    row = {
        "currency_code": code, "currency_name": name, "currency_symbol": symbol, "price_precision": places,
        "currency_format": "1,234,567.89", "is_base_currency": code == desk.org["currency_code"],
        "exchange_rate": round(rate, 6), "effective_date": "2024-01-02",
    }  # fmt: skip
    return desk.add("currencies", row)


def _taxes(desk: Desk) -> None:
    for name, percentage in TAXES:
        _tax(desk, name, percentage)
    parts = [_tax(desk, name, percentage) for name, percentage in COMPOUND]
    _tax(desk, "City and state 8 %", 8, [str(part["tax_id"]) for part in parts])


def _tax(desk: Desk, name: str, percentage: int, parts: list[str] | None = None) -> Row:
    row = {
        "tax_name": name, "tax_percentage": percentage, "tax_type": "tax_group" if parts else "tax",
        "is_value_added": True, "is_default_tax": percentage == 19, "is_editable": True, "tax_authority_id": "",
        "tax_specific_type": "",
        "tax_authority_name": "", "status": "Active", "_parts": parts or [],
    }  # fmt: skip
    return desk.add("taxes", row)
