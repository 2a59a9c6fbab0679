"""Brightwater's own fields on accounts and customers, made by its administrators before anything else was typed."""

from zbridge.simulator import books_settings, crm_custom_fields
from zbridge.simulator.app import Row, Simulator

SEGMENTS = ("Retail", "Wholesale", "Public sector")
IN_CRM: dict[str, Row] = {
    "Credit_Limit": {"label": "Credit Limit", "data_type": "currency"},
    "Customer_Since": {"label": "Customer Since", "data_type": "date"},
    "Segment": {
        "label": "Segment", "data_type": "picklist",
        "pick_list_values": [{"display_value": word, "actual_value": word} for word in SEGMENTS],
    },
}  # fmt: skip
IN_BOOKS: dict[str, Row] = {
    "cf_sales_rep": {"label": "Sales rep", "data_type": "string", "value_length": 100},
    "cf_segment": {"label": "Segment", "data_type": "dropdown"},
}


def lay_fields(sim: Simulator) -> None:
    """Custom fields of accounts in CRM and of customers in Books."""
    for name, spec in IN_CRM.items():
        crm_custom_fields.put_field(sim, "Accounts", name, spec)
    for name, spec in IN_BOOKS.items():
        books_settings.put_field(sim, "contacts", name, spec)
