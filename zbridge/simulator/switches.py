"""What nobody could verify about Zoho: a default each, and the other outcomes (facts/simulator-defaults.md)."""

from collections.abc import Mapping
from typing import Any

from zbridge.simulator.store import Store

DEFAULTS: dict[str, Any] = {
    "books_unique_twin": "400_code_120",
    "books_unique_after_void": "void_holds",
    "books_put_upsert_create_status": 201,
    "books_cf_in_list": True,
    "books_modified_filter": ["customerpayments"],
    "books_payment_bumps_invoice": True,
    "books_payment_bumps_contact": False,
    "books_potential_id_on_create": "stored",
    "books_duplicate_invoice_number": "refused",
    "books_duplicate_sku": "refused",
    "books_duplicate_contact_name": "refused",
    "books_inactive_customer": "refused",
    "books_inactive_item": "refused",
    "books_currency_mismatch": "refused",
    "books_merged_contact": "gone",
    "books_part_paid_past_due": "overdue",
    "books_discount_tax_order": "as_sent",
    "books_missing_org_status": 400,
    "books_6041_status": 400,
    "books_rate_headers": True,
    "books_webhook_org_id": True,
    "books_late_commit": "applied",
    "crm_rows_failed_status": 400,
    "crm_unknown_id": 204,
    "crm_if_modified_since_boundary": "exclusive",
    "crm_subform_unmentioned_rows": "stay",
    "crm_item_discount_form": "number",
    "crm_search_lag": 5,
    "crm_scope_mismatch_status": 401,
    "oauth_throttle_status": 400,
}
_REFUSALS = (
    "books_duplicate_invoice_number",
    "books_duplicate_sku",
    "books_duplicate_contact_name",
    "books_inactive_customer",
    "books_inactive_item",
    "books_currency_mismatch",
)
_OUTCOMES: dict[str, tuple[Any, ...]] = {
    **{name: (True, False) for name, value in DEFAULTS.items() if isinstance(value, bool)},
    **dict.fromkeys(_REFUSALS, ("refused", "accepted")),
    "books_unique_twin": ("400_code_120", "400_code_4", "accepted", "racy"),
    "books_unique_after_void": ("void_holds", "void_frees", "deleted_holds"),
    "books_put_upsert_create_status": (201, 200),
    "books_potential_id_on_create": ("stored", "ignored"),
    "books_merged_contact": ("gone", "inactive"),
    "books_part_paid_past_due": ("overdue", "partially_paid"),
    "books_discount_tax_order": ("as_sent", "before", "after"),
    "books_missing_org_status": (400, 401, 404),
    "books_6041_status": (400, 401, 404),
    "books_late_commit": ("applied", "dropped"),
    "crm_rows_failed_status": (400, 200, 202),
    "crm_unknown_id": (204, 400, 404),
    "crm_if_modified_since_boundary": ("exclusive", "inclusive"),
    "crm_subform_unmentioned_rows": ("stay", "removed"),
    "crm_item_discount_form": ("number", "string", "percent"),
    "crm_scope_mismatch_status": (401, 403),
    "oauth_throttle_status": (400, 200),
}


class UnknownSwitch(ValueError):
    """No such switch, or no such outcome of it."""


class Switches:
    """The switches in force."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, name: str) -> Any:
        return self._store.setting("switches", {}).get(name, DEFAULTS[name])

    def all(self) -> dict[str, Any]:
        """Every switch with its value."""
        changed: dict[str, Any] = self._store.setting("switches", {})
        return DEFAULTS | changed

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Set some; UnknownSwitch when there is none of that name or outcome."""
        for name, value in wanted.items():
            outcomes = _OUTCOMES.get(name)
            if name not in DEFAULTS or (outcomes and value not in outcomes):
                raise UnknownSwitch(f"{name} = {value!r}; it takes {outcomes or type(DEFAULTS.get(name)).__name__}")
        self._store.set("switches", self._store.setting("switches", {}) | dict(wanted))
