"""Modules, fields, pipelines, organisation and users: facts/zoho-crm-api-v8.md section 3."""

from typing import Any

import pytest

from tests.simulator.wire import DIGITS, Wire

FIVE = ("Accounts", "Contacts", "Deals", "Quotes", "Products")


def fields(zoho: Wire, module: str) -> dict[str, Any]:
    return {row["api_name"]: row for row in zoho.crm("GET", "settings/fields", module=module).json()["fields"]}


def make(zoho: Wire, module: str, *rows: dict[str, Any]) -> Any:
    return zoho.crm("POST", "settings/fields", {"fields": list(rows)}, module=module)


def test_the_modules_are_listed_under_their_api_names(zoho: Wire) -> None:
    rows = {row["api_name"]: row for row in zoho.crm("GET", "settings/modules").json()["modules"]}
    assert set(FIVE) <= set(rows) and rows["Deals"]["module_name"] == "Potentials"
    assert all(rows[name]["generated_type"] == "default" and rows[name]["api_supported"] for name in FIVE)


def test_one_module_can_be_asked_for(zoho: Wire) -> None:
    assert zoho.crm("GET", "settings/modules/Deals").json()["modules"][0]["api_name"] == "Deals"


@pytest.mark.parametrize(
    ("module", "mandatory"),
    [
        ("Accounts", {"Account_Name"}),
        ("Contacts", {"Last_Name"}),
        ("Deals", {"Deal_Name", "Stage"}),
        ("Quotes", {"Subject", "Quoted_Items"}),
        ("Products", {"Product_Name"}),
    ],
)
def test_a_module_has_its_mandatory_fields(zoho: Wire, module: str, mandatory: set[str]) -> None:
    """2.11, the starred names"""
    rows = fields(zoho, module)
    assert mandatory <= {name for name, row in rows.items() if row["system_mandatory"]}
    assert all(DIGITS.fullmatch(row["id"]) and row["data_type"] and row["json_type"] for row in rows.values())


@pytest.mark.parametrize(
    ("query", "code"), [({}, "REQUIRED_PARAM_MISSING"), ({"module": "Nonsense"}, "INVALID_MODULE")]
)
def test_asking_for_fields_needs_a_known_module(zoho: Wire, query: dict[str, Any], code: str) -> None:
    answer = zoho.crm("GET", "settings/fields", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_totals_of_a_quote_can_not_be_written(zoho: Wire) -> None:
    """3.2: operation_type and read_only tell"""
    grand = fields(zoho, "Quotes")["Grand_Total"]
    assert grand["read_only"] or grand["field_read_only"] or not grand["operation_type"]["api_update"]
    subject = fields(zoho, "Quotes")["Subject"]
    assert subject["operation_type"]["api_create"] and not subject["read_only"]


# 3.3 custom fields


def test_a_new_field_is_made_without_telling_its_api_name(zoho: Wire) -> None:
    answer = make(zoho, "Accounts", {"field_label": "Books Balance", "data_type": "currency", "decimal_place": 2})
    row = answer.json()["fields"][0]
    assert (answer.status_code, row["code"], row["message"]) == (201, "SUCCESS", "field created")
    assert "api_name" not in row["details"]
    made = fields(zoho, "Accounts")["Books_Balance"]
    assert (made["custom_field"], made["data_type"], made["id"]) == (True, "currency", row["details"]["id"])


def test_only_a_unique_field_says_so(zoho: Wire) -> None:
    key = {"field_label": "Books Key", "data_type": "text", "length": 60, "unique": {"case_sensitive": False}}
    assert make(zoho, "Accounts", key).status_code == 201
    rows = fields(zoho, "Accounts")
    assert rows["Books_Key"]["unique"] and rows["Phone"]["unique"] == {}


def test_a_field_of_the_same_label_is_a_duplicate(zoho: Wire) -> None:
    label = {"field_label": "Books Status", "data_type": "text", "length": 20}
    make(zoho, "Deals", label)
    answer = make(zoho, "Deals", label)
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (400, "DUPLICATE_DATA")


def test_at_most_five_fields_are_made_in_one_call(zoho: Wire) -> None:
    answer = make(zoho, "Deals", *({"field_label": f"L{n}", "data_type": "text", "length": 9} for n in range(6)))
    assert answer.status_code == 400 and "LIMIT_EXCEEDED" in answer.text
    assert not {"L0", "L5"} & set(fields(zoho, "Deals"))


def test_a_third_unique_field_is_refused(zoho: Wire) -> None:
    """3.3: at most two unique fields in a module"""
    unique = {"data_type": "text", "length": 9, "unique": {"case_sensitive": False}}
    codes = [make(zoho, "Deals", {"field_label": f"U{n}"} | unique).status_code for n in range(3)]
    assert codes == [201, 201, 400]


def test_a_new_field_holds_values_and_reads_null_before(zoho: Wire) -> None:
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    make(zoho, "Deals", {"field_label": "Books Invoice", "data_type": "text", "length": 60})
    assert zoho.record("Deals", deal)["Books_Invoice"] is None
    zoho.update("Deals", deal, Books_Invoice="INV-1")
    assert zoho.record("Deals", deal)["Books_Invoice"] == "INV-1"


# 3.4 pipelines


def test_a_pipeline_needs_its_layout_and_says_which_stage_is_won(zoho: Wire) -> None:
    assert zoho.crm("GET", "settings/pipeline").json()["code"] == "REQUIRED_PARAM_MISSING"
    layout = zoho.crm("GET", "settings/layouts", module="Deals").json()["layouts"][0]["id"]
    pipeline = zoho.crm("GET", "settings/pipeline", layout_id=layout).json()["pipeline"][0]
    kinds = {stage["actual_value"]: stage["forecast_type"] for stage in pipeline["maps"]}
    assert (kinds["Closed Won"], kinds["Closed Lost"], kinds["Qualification"]) == ("Closed Won", "Closed Lost", "Open")


def test_the_stage_field_gives_actual_value_and_forecast_type(zoho: Wire) -> None:
    stages = {row["actual_value"]: row for row in fields(zoho, "Deals")["Stage"]["pick_list_values"]}
    assert stages["Closed Won"]["forecast_type"] == "Closed Won"
    assert stages["Id. Decision Makers"]["display_value"] == "Identify Decision Makers"


# 3.5 organisation, users, currencies, taxes


def test_the_organisation_and_the_current_user_are_told(zoho: Wire) -> None:
    org = zoho.crm("GET", "org").json()["org"][0]
    assert {"id", "zgid", "company_name", "iso_code", "time_zone", "mc_status", "type"} <= set(org)
    assert org["type"] == "production"
    user = zoho.crm("GET", "users", type="CurrentUser").json()["users"][0]
    assert {"id", "zuid", "full_name", "email", "status", "role", "profile", "time_zone"} <= set(user)


def test_currency_rates_are_texts(zoho: Wire) -> None:
    zoho.sim("PUT", f"orgs/{zoho.sim('GET', 'info')['crm_org_id']}", {"multi_currency": True})
    rows = zoho.crm("GET", "org/currencies").json()["currencies"]
    assert all(isinstance(row["exchange_rate"], str) for row in rows)
    assert all(isinstance(row["format"]["decimal_places"], str) for row in rows)
    assert sum(row["is_base"] for row in rows) == 1


def test_taxes_stand_below_org_taxes(zoho: Wire) -> None:
    assert isinstance(zoho.crm("GET", "org/taxes").json()["org_taxes"]["taxes"], list)


def test_a_deal_has_related_lists_of_quotes_and_products(zoho: Wire) -> None:
    rows = zoho.crm("GET", "settings/related_lists", module="Deals").json()["related_lists"]
    assert {"Quotes", "Products"} <= {row["api_name"] for row in rows}


def crm_org(zoho: Wire, **changed: Any) -> None:
    zoho.sim("PUT", f"orgs/{zoho.sim('GET', 'info')['crm_org_id']}", changed)


def test_an_organisation_of_one_currency_has_no_currencies(zoho: Wire) -> None:
    """3.5, 7"""
    crm_org(zoho, multi_currency=False)
    answer = zoho.crm("GET", "org/currencies")
    assert answer.status_code == 403
    assert answer.json()["code"] in ("CURRENCIES_NOT_ENABLED", "FEATURE_NOT_SUPPORTED")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Amount=5)
    assert "Currency" not in zoho.record("Deals", deal)


def test_an_organisation_of_many_currencies_has_one_on_each_deal(zoho: Wire) -> None:
    crm_org(zoho, multi_currency=True)
    rows = zoho.crm("GET", "org/currencies").json()["currencies"]
    code = next(row["iso_code"] for row in rows if not row["is_base"])
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Amount=5, Currency=code, Exchange_Rate=0.9)
    read = zoho.record("Deals", deal)
    assert (read["Currency"], str(read["Exchange_Rate"])) == (code, "0.9") and zoho.crm("GET", "org").json()["org"][0][
        "mc_status"
    ]
