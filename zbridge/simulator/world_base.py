"""What every world begins with: the CRM organisation, its administrator, currencies, taxes, Books' organisations."""

from zbridge.simulator import books_base
from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_fields import ORG
from zbridge.simulator.crm_settings import made_id
from zbridge.simulator.store import stamp
from zbridge.simulator.tokens import ADMINISTRATOR, ALL_SCOPES, READY_REFRESH_TOKEN, Tokens

CRM_ORG = "5437018000000021001"
TAXES = (("VAT 19", "19"), ("VAT 7", "7"))
CURRENCIES = (("EUR", "Euro", "€", "1.000000000"), ("USD", "US Dollar", "$", "1.111111111"))


def lay(sim: Simulator) -> None:
    """Lay it in an empty store."""
    now = stamp(sim.clock.now())
    org = {
        "id": CRM_ORG, "zgid": "6543210", "company_name": "Brightwater Supplies GmbH", "iso_code": "EUR",
        "currency_symbol": "€", "time_zone": "Europe/Berlin", "country_code": "DE",
        "edition": "enterprise", "users": 10,
        "multi_currency": True, "credit_limit": 60_000, "concurrency_limit": 20, "limits": "on",
    }  # fmt: skip
    sim.store.set("crm_org_id", CRM_ORG)
    sim.store.save("sim", "crm_orgs", CRM_ORG, org, created=now, modified=now, written=0.0, keys={})
    admin = sim.user_create(
        "crm",
        "users",
        {"first_name": "Maria", "last_name": "Admin", "email": "admin@brightwater.example", "profile": "Administrator"},
    )
    sim.store.set("crm_admin_id", admin["id"])
    for name, value in TAXES:
        _keep(sim, "taxes", made_id("tax", name), {"name": name, "display_label": name, "value": int(value)}, now)
    for code, name, symbol, rate in CURRENCIES:
        _keep(sim, "currencies", made_id("currency", code), _currency(code, name, symbol, rate, now), now)
    Tokens(sim.store).add_grant(ALL_SCOPES, ADMINISTRATOR, sim.clock.now(), READY_REFRESH_TOKEN)
    books_base.lay(sim)


def _keep(sim: Simulator, module: str, id: str, row: Row, now: str) -> None:
    sim.store.save(ORG, module, id, {"id": id} | row, created=now, modified=now, written=0.0, keys={})


def _currency(code: str, name: str, symbol: str, rate: str, now: str) -> Row:
    return {
        "iso_code": code, "name": f"{name} - {code}", "symbol": symbol, "is_base": code == "EUR", "is_active": True,
        "prefix_symbol": True, "exchange_rate": rate, "created_time": now,
        "format": {"decimal_separator": "Period", "thousand_separator": "Comma", "decimal_places": "2"},
    }  # fmt: skip
