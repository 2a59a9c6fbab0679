"""What Zoho's official Python SDK does against the simulator: a program of its own, since the SDK keeps global state.

Usage: python sdk_scenarios.py BASE_URL EMPTY_FOLDER. Prints one JSON object: what each scenario saw.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as Query
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.record import (
    BodyWrapper,
    GetDeletedRecordsParam,
    GetRecordsParam,
    LineItemProduct,
    LineTax,
    Record,
    RecordOperations,
    SearchRecordsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

CLIENT = {"client_id": "1000.ZBRIDGEDEMO", "client_secret": "zbridge-demo-secret"}


def connect(base: str, folder: Path, token: OAuthToken) -> None:
    environment = DataCenter.Environment(base, f"{base}/oauth/v2/token", base)
    store = FileStore(str(folder / "tokens.csv"))
    config = SDKConfig(auto_refresh_fields=False, pick_list_validation=False, connect_timeout=10, read_timeout=10)
    Initializer.initialize(environment, token, store=store, sdk_config=config, resource_path=str(folder))


def params(**values: Any) -> ParameterMap:
    group = values.pop("of")
    chosen = ParameterMap()
    for name, value in values.items():
        chosen.add(getattr(group, name), value)
    return chosen


def seen(answer: Any) -> dict[str, Any]:
    """What the SDK made of an answer: its object's class, and the plain JSON beside it."""
    if answer is None:
        return {"status": None, "object": "not understood"}
    kind = type(answer.get_object()).__name__
    return {"status": answer.get_status_code(), "object": kind, "json": answer.get_response_json()}


def record(**fields: Any) -> Record:
    made = Record()
    for name, value in fields.items():
        made.add_key_value(name, value)
    return made


def reference(record_id: int) -> Record:
    return record(id=record_id)


def body(*rows: Record, check: list[str] | None = None) -> BodyWrapper:
    wrapped = BodyWrapper()
    wrapped.set_data(list(rows))
    wrapped.set_trigger([])
    if check:
        wrapped.set_duplicate_check_fields(check)
    return wrapped


def create(module: str, *rows: Record) -> Any:
    return RecordOperations(module).create_records(body(*rows), HeaderMap())


def created(module: str, **fields: Any) -> int:
    """The id as the SDK read it: a number."""
    answer = create(module, record(**fields)).get_object()
    return int(answer.get_data()[0].get_details()["id"])


def deal(name: str, **fields: Any) -> int:
    return created("Deals", Deal_Name=name, Stage=Choice("Qualification"), **fields)


def organisation() -> Any:
    return seen(OrgOperations().get_organization())


def current_user() -> Any:
    answer = UsersOperations().get_users(params(of=GetUsersParam, type="CurrentUser"), HeaderMap())
    return seen(answer) | {"name": answer.get_object().get_users()[0].get_full_name()}


def modules() -> Any:
    return seen(ModulesOperations().get_modules())


def fields() -> Any:
    return seen(FieldsOperations().get_fields(params(of=GetFieldsParam, module="Deals")))


def pages() -> Any:
    """Three records by pages of two, walked with the SDK's page token."""
    for name in ("Page A", "Page B", "Page C"):
        created("Accounts", Account_Name=name)
    token: dict[str, str] | None = {}
    names, calls = list[str](), 0
    while token is not None and calls < 5:
        chosen = params(of=GetRecordsParam, fields="Account_Name", per_page=2, **token)
        page = RecordOperations("Accounts").get_records(chosen, HeaderMap()).get_object()
        names += [row.get_key_value("Account_Name") for row in page.get_data()]
        following = page.get_info().get_next_page_token()
        token, calls = ({"page_token": following} if following else None), calls + 1
    return {"names": names, "calls": calls}


def empty_list() -> Any:
    return seen(RecordOperations("Contacts").get_records(params(of=GetRecordsParam, fields="Last_Name"), HeaderMap()))


def quote_line(product: int) -> Record:
    item = LineItemProduct()
    item.set_id(product)
    tax = LineTax()
    tax.set_name("VAT")
    tax.set_percentage(20.0)
    return record(Product_Name=item, Quantity=3.0, List_Price=199.9, Discount="59.97", Line_Tax=[tax])


def quote() -> Any:
    product = created("Products", Product_Name="Pump", Unit_Price=10.0)
    quote_id = created("Quotes", Subject="Refit", Quoted_Items=[quote_line(product)])
    answer = RecordOperations("Quotes").get_record(quote_id, ParameterMap(), HeaderMap())
    read = answer.get_object().get_data()[0]
    line = read.get_key_value("Quoted_Items")[0]
    return {
        "subject": read.get_key_value("Subject"),
        "grand_total": read.get_key_value("Grand_Total"),
        "line": type(line).__name__,
        "product": line.get_key_value("Product_Name").get_name(),
        "net_total": line.get_key_value("Net_Total"),
        "tax": [tax.get_value() for tax in line.get_key_value("Line_Tax")],
    }


def update() -> Any:
    deal_id = deal("To update", Amount=5.0)
    answer = RecordOperations("Deals").update_record(deal_id, body(record(Amount=7.5)), HeaderMap())
    read = RecordOperations("Deals").get_record(deal_id, ParameterMap(), HeaderMap()).get_object().get_data()[0]
    return seen(answer) | {"amount": read.get_key_value("Amount"), "stage": read.get_key_value("Stage").get_value()}


def update_many() -> Any:
    rows = [record(id=deal(name), Amount=1.5) for name in ("Many A", "Many B")]
    return seen(RecordOperations("Deals").update_records(body(*rows), HeaderMap()))


def lookup() -> Any:
    account = created("Accounts", Account_Name="Harbour Ltd")
    deal_id = deal("With account", Account_Name=reference(account))
    read = RecordOperations("Deals").get_record(deal_id, ParameterMap(), HeaderMap()).get_object().get_data()[0]
    linked = read.get_key_value("Account_Name")
    return {"same": linked.get_id() == account, "owner": read.get_key_value("Owner").get_email()}


def upsert() -> Any:
    def once(phone: str) -> Any:
        row = record(Account_Name="Upserted Ltd", Phone=phone)
        answer = RecordOperations("Accounts").upsert_records(body(row, check=["Account_Name"]), HeaderMap())
        row_answer = answer.get_object().get_data()[0]
        return row_answer.get_action().get_value(), row_answer.get_details()["id"]

    first, second = once("1"), once("2")
    return {"actions": [first[0], second[0]], "same": first[1] == second[1]}


def search() -> Any:
    created("Accounts", Account_Name="Searched Ltd")
    chosen = params(of=SearchRecordsParam, criteria="(Account_Name:equals:Searched Ltd)")
    answer = RecordOperations("Accounts").search_records(chosen, HeaderMap())
    return seen(answer) | {"names": [row.get_key_value("Account_Name") for row in answer.get_object().get_data()]}


def coql() -> Any:
    deal("Queried", Amount=12.5)
    query = Query()
    query.set_select_query("select id, Deal_Name, Amount from Deals where Deal_Name = 'Queried' limit 0, 10")
    answer = CoqlOperations().get_records(query)
    return seen(answer) | {"amounts": [row.get_key_value("Amount") for row in answer.get_object().get_data()]}


def deleted() -> Any:
    account = created("Accounts", Account_Name="Doomed Ltd")
    removed = RecordOperations("Accounts").delete_record(account, ParameterMap(), HeaderMap())
    answer = RecordOperations("Accounts").get_deleted_records(
        params(of=GetDeletedRecordsParam, type="all"), HeaderMap()
    )
    rows = answer.get_object().get_data()
    return seen(removed) | {"names": [row.get_display_name() for row in rows], "same": rows[0].get_id() == account}


def absent_id() -> Any:
    return seen(RecordOperations("Deals").get_record(9999999999999999, ParameterMap(), HeaderMap()))


def update_of_an_absent_id() -> Any:
    return seen(RecordOperations("Deals").update_record(9999999999999999, body(record(Amount=1.0)), HeaderMap()))


def missing_mandatory_field() -> Any:
    return seen(create("Deals", record(Amount=1.0)))


def good_and_bad_rows() -> Any:
    answer = create("Accounts", record(Account_Name="Good Ltd"), record(Phone="1"))
    return seen(answer) | {"rows": [type(row).__name__ for row in answer.get_object().get_data()]}


SCENARIOS: list[Callable[[], Any]] = [
    organisation,
    current_user,
    modules,
    fields,
    empty_list,
    pages,
    quote,
    update,
    update_many,
    lookup,
    upsert,
    search,
    coql,
    deleted,
    absent_id,
    update_of_an_absent_id,
    missing_mandatory_field,
    good_and_bad_rows,
]


def attempt(scenario: Callable[[], Any]) -> Any:
    try:
        return scenario()
    except SDKException as refused:
        return {"raised": str(refused)}


def main(base: str, folder: Path) -> dict[str, Any]:
    connect(base, folder, OAuthToken(refresh_token="1000.zbridge.demo", find_user=True, **CLIENT))
    told = {scenario.__name__: attempt(scenario) for scenario in SCENARIOS}
    for name in ("bad_token", "bad_refresh"):
        (folder / name).mkdir()
    connect(base, folder / "bad_token", OAuthToken(access_token="1000.dead.beef", find_user=False))
    told["bad_token"] = attempt(organisation)
    dead = OAuthToken(refresh_token="1000.dead", find_user=False, **CLIENT)
    told["bad_refresh"] = attempt(lambda: connect(base, folder / "bad_refresh", dead))
    return told


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2])), default=str))
