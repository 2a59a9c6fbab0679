"""Modules and fields of the simulated CRM (facts CRM 2.11, 3.1, 3.2): names, types, lengths, who may write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zbridge.simulator.store import Store

ORG = "crm"
SYSTEM_FIELDS = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "$approval_state", "$locked")


@dataclass(frozen=True)
class Field:
    """One field; `look_up` names the module it points to."""

    name: str
    type: str = "text"
    length: int = 255
    mandatory: bool = False
    look_up: str = ""
    read_only: bool = False
    unique: bool = False
    custom: bool = False
    choices: tuple[str, ...] = ()
    digits: int = 2
    label: str = ""
    id: str = ""


@dataclass(frozen=True)
class Module:
    """One module; `title` is the field that names a record, `subform` the field that holds its lines."""

    name: str
    singular: str
    title: str
    fields: Mapping[str, Field]
    subforms: tuple[str, ...] = ()
    duplicate: str = ""
    legacy: str = ""
    parent: str = field(default="")


def _fields(*specs: Field | str) -> dict[str, Field]:
    made = [spec if isinstance(spec, Field) else Field(spec) for spec in specs]
    owner = Field("Owner", "ownerlookup", look_up="users")
    system = [
        Field("Created_Time", "datetime", read_only=True), Field("Modified_Time", "datetime", read_only=True),
        Field("Created_By", "ownerlookup", read_only=True), Field("Modified_By", "ownerlookup", read_only=True),
    ]  # fmt: skip
    return {one.name: one for one in (*made, owner, *system)}


def _money(*names: str, read_only: bool = False) -> list[Field]:
    return [Field(name, "currency", 16, read_only=read_only) for name in names]


def _address(prefix: str, code: str) -> list[Field]:
    return [Field(f"{prefix}_{part}") for part in ("Street", "City", "State", code, "Country")]


_CURRENCY = [Field("Currency", "picklist", 3), Field("Exchange_Rate", "double", digits=9)]
_TEXT = Field("Description", "textarea", 32000)

STAGES = (
    "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Proposal/Price Quote",
    "Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition", "Erstkontakt", "Verhandlung",
    "Gewonnen", "Verloren",
)  # fmt: skip
QUOTE_STAGES = ("Draft", "Negotiation", "Delivered", "On Hold", "Accepted", "Confirmed", "Closed Won", "Closed Lost")

MODULES: dict[str, Module] = {
    "Accounts": Module(
        "Accounts", "Account", "Account_Name",
        _fields(
            Field("Account_Name", length=200, mandatory=True), "Account_Number", "Account_Site", "Account_Type",
            Field("Parent_Account", "lookup", look_up="Accounts"), Field("Phone", "phone", 30),
            Field("Fax", "phone", 30), Field("Website", "website", 450), "Industry", "Ownership",
            Field("Employees", "integer"), *_money("Annual_Revenue"), "Rating", "SIC_Code", "Ticker_Symbol",
            *_address("Billing", "Code"), *_address("Shipping", "Code"), *_CURRENCY, _TEXT,
            Field("VAT_ID", custom=True, length=60, label="VAT ID"),
            Field("Payment_Terms", custom=True, length=60, label="Payment Terms"),
        ),
        duplicate="Account_Name",
    ),
    "Contacts": Module(
        "Contacts", "Contact", "Full_Name",
        _fields(
            Field("Last_Name", length=80, mandatory=True), Field("First_Name", length=80),
            Field("Full_Name", read_only=True), "Salutation", Field("Email", "email", 100),
            Field("Secondary_Email", "email", 100), Field("Phone", "phone", 30), Field("Mobile", "phone", 30),
            Field("Home_Phone", "phone", 30), Field("Other_Phone", "phone", 30), Field("Fax", "phone", 30), "Title",
            "Department", Field("Account_Name", "lookup", look_up="Accounts"), *_address("Mailing", "Zip"),
            *_address("Other", "Zip"), Field("Date_of_Birth", "date"), Field("Email_Opt_Out", "boolean"),
            "Lead_Source", *_CURRENCY, _TEXT,
        ),
        duplicate="Email",
    ),
    "Deals": Module(
        "Deals", "Deal", "Deal_Name",
        _fields(
            Field("Deal_Name", mandatory=True), Field("Stage", "picklist", 120, mandatory=True, choices=STAGES),
            Field("Pipeline", "picklist", 120, choices=("Standard (Standard)", "Enterprise (DE)")),
            *_money("Amount"), Field("Closing_Date", "date"), Field("Probability", "integer"),
            *_money("Expected_Revenue", read_only=True), Field("Account_Name", "lookup", look_up="Accounts"),
            Field("Contact_Name", "lookup", look_up="Contacts"), "Type", "Next_Step", "Lead_Source",
            *_CURRENCY, _TEXT, Field("Deal_Lines", "subform", look_up="Deal_Lines", custom=True, label="Deal Lines"),
        ),
        subforms=("Deal_Lines",), duplicate="Deal_Name", legacy="Potentials",
    ),
    "Quotes": Module(
        "Quotes", "Quote", "Subject",
        _fields(
            Field("Subject", mandatory=True), Field("Quote_Number"),
            Field("Quote_Stage", "picklist", 120, choices=QUOTE_STAGES),
            Field("Valid_Till", "date"), Field("Deal_Name", "lookup", look_up="Deals"),
            Field("Contact_Name", "lookup", look_up="Contacts"), Field("Account_Name", "lookup", look_up="Accounts"),
            "Team", "Carrier", *_money("Sub_Total", "Grand_Total", "Tax", read_only=True),
            *_money("Discount", "Adjustment"), *_CURRENCY, Field("Terms_and_Conditions", "textarea", 32000), _TEXT,
            *_address("Billing", "Code"), *_address("Shipping", "Code"),
            Field("Quoted_Items", "subform", mandatory=True, look_up="Quoted_Items"),
            Field("Replaced_By", "lookup", look_up="Quotes", custom=True, label="Replaced By"),
        ),
        subforms=("Quoted_Items",), duplicate="Subject",
    ),
    "Products": Module(
        "Products", "Product", "Product_Name",
        _fields(
            Field("Product_Name", length=200, mandatory=True), Field("Product_Code", length=100),
            *_money("Unit_Price"),
            Field("Qty_in_Stock", "double"), Field("Product_Active", "boolean"), Field("Taxable", "boolean"),
            Field("Tax", "multiselectpicklist"), "Usage_Unit", "Manufacturer", "Product_Category",
            Field("Commission_Rate", "double"), Field("Sales_Start_Date", "date"), Field("Sales_End_Date", "date"),
            _TEXT,
        ),
        duplicate="Product_Name",
    ),
    "Quoted_Items": Module(
        "Quoted_Items", "Quoted Item", "id",
        _fields(
            Field("Product_Name", "lookup", look_up="Products", mandatory=True),
            Field("Quantity", "double", digits=9, mandatory=True), Field("List_Price", "currency", 16, digits=9),
            *_money("Total", "Total_After_Discount", "Net_Total", "Tax", read_only=True), *_money("Discount"),
            Field("Line_Tax", "linetax"), Field("Description", "textarea", 2000), Field("Sequence_Number", "integer"),
            Field("Parent_Id", "lookup", look_up="Quotes"), Field("Price_Book_Name"),
        ),
        parent="Quotes", legacy="QuotedItems",
    ),
    "Deal_Lines": Module(
        "Deal_Lines", "Deal Line", "id",
        _fields(
            Field("Product", "lookup", look_up="Products"), Field("Quantity", "double", digits=9),
            Field("Rate", "currency", 16, digits=9), *_money("Discount"), Field("Tax", "double"),
            Field("Sequence_Number", "integer"), Field("Parent_Id", "lookup", look_up="Deals"),
        ),
        parent="Deals", legacy="LinkingModule1",
    ),
}  # fmt: skip


def custom_fields(store: Store, module: str) -> dict[str, Field]:
    """Fields that somebody made."""
    rows: list[dict[str, Any]] = store.setting(f"fields:{module}", [])
    return {row["name"]: Field(**{**row, "choices": tuple(row.get("choices", ())), "custom": True}) for row in rows}


def removed_fields(store: Store, module: str) -> list[str]:
    """Custom fields of the beginning that somebody deleted."""
    found: list[str] = store.setting(f"removed fields:{module}", [])
    return found


def fields_of(store: Store, module: str) -> dict[str, Field]:
    """Every field of a module by its API name."""
    gone = removed_fields(store, module)
    found = {name: one for name, one in MODULES[module].fields.items() if name not in gone}
    return found | custom_fields(store, module)


def save_custom_field(store: Store, module: str, made: Field) -> None:
    """Keep a field that somebody made (or changed)."""
    rows = [row for row in store.setting(f"fields:{module}", []) if row["name"] != made.name]
    kept = {name: value for name, value in vars(made).items() if name != "custom"}
    store.set(f"fields:{module}", [*rows, kept | {"choices": list(made.choices)}])


def remove_field(store: Store, module: str, name: str) -> None:
    """Delete a custom field."""
    rows = store.setting(f"fields:{module}", [])
    store.set(f"fields:{module}", [row for row in rows if row["name"] != name])
    store.set(f"removed fields:{module}", [*removed_fields(store, module), name])
