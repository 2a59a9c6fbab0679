"""What `filter_by` and `status` of a list mean (facts Books 3.2, 4, 5.3)."""

from collections.abc import Callable
from dataclasses import dataclass

from zbridge.simulator import books_shapes
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk
from zbridge.simulator.books_modules import UNSENT


@dataclass(frozen=True)
class Bucket:
    """A look-up key, or a test, or both; neither for everything."""

    key: tuple[str, str] | None = None
    test: Callable[[Row], bool] | None = None


STATUSES = {
    "invoices": ("draft", "sent", "viewed", "overdue", "paid", "partially_paid", "void", *UNSENT[1:]),
    "estimates": ("draft", "sent", "accepted", "declined", "expired", "invoiced"),
    "creditnotes": ("draft", "open", "closed", "void"),
}


def default_bucket(desk: Desk, module: str) -> str:
    """What a bare call shows: contacts and items that are active."""
    if module == "customerpayments":
        return "PaymentMode.All"
    return "Status.Active" if module in ("contacts", "items") else "Status.All"


def bucket(desk: Desk, module: str, name: str) -> Bucket | None:
    """None for what Books doesn't know."""
    if module == "customerpayments":
        return _of_payments(name)
    kind, _, wanted = name.partition(".")
    wanted = wanted.casefold().replace("_", "")
    if kind != "Status":
        return _of_customers(desk, name) if module == "contacts" else None
    if wanted == "all":
        return Bucket()
    return _of_masters(desk, module, wanted) if module in ("contacts", "items") else _of_documents(desk, module, wanted)


def _of_payments(name: str) -> Bucket | None:
    kind, _, mode = name.partition(".")
    if kind not in ("PaymentMode", "Status"):
        return None
    return (
        Bucket() if mode == "All" else Bucket(test=lambda doc: str(doc["payment_mode"]).casefold() == mode.casefold())
    )


def _of_customers(desk: Desk, name: str) -> Bucket | None:
    if name == "Invoice.Unpaid":
        return Bucket(test=lambda doc: doc["_open"] > 0)
    return Bucket(test=lambda doc: _has_overdue(desk, doc)) if name == "Invoice.OverDue" else None


def _has_overdue(desk: Desk, doc: Row) -> bool:
    bills = desk.find("invoices", "customer_id", str(doc["contact_id"]))
    return any(books_shapes.status(desk, "invoices", bill) == "overdue" for bill in bills)


def _of_masters(desk: Desk, module: str, wanted: str) -> Bucket | None:
    if wanted == "inactive":
        return Bucket(("status", "inactive"))
    if wanted == "active":
        # Where nothing is inactive, everything is active: such lists page without looking at each record.
        hidden = desk.sim.store.page(desk.name, module, key=("status", "inactive"), limit=1)
        return Bucket(test=lambda doc: doc["status"] == "active") if hidden else Bucket()
    if module == "items":
        return None
    tests: dict[str, Callable[[Row], bool]] = {
        "duplicate": lambda doc: len(desk.find("contacts", "contact_name", str(doc["contact_name"]).casefold())) > 1,
        "crm": lambda doc: bool(doc.get("zcrm_account_id") or doc.get("zcrm_contact_id") or doc.get("zcrm_vendor_id")),
        "portalenabled": lambda doc: False,
        "portaldisabled": lambda doc: True,
        "creditlimitexceed": lambda doc: 0 < (doc.get("credit_limit") or 0) < doc["_open"],
    }
    return Bucket(test=tests[wanted]) if wanted in tests else None


def _of_documents(desk: Desk, module: str, wanted: str) -> Bucket | None:
    if module == "invoices" and wanted == "unpaid":
        return Bucket(("_unpaid", "1"))
    known = {name.replace("_", ""): name for name in STATUSES[module]}
    if wanted not in known:
        return None
    status = known[wanted]
    key = _narrowed(status) if module == "invoices" else None
    if status in (*UNSENT, "void") and key:
        return Bucket(key)
    return Bucket(key, lambda doc: books_shapes.status(desk, module, doc) == status)


def _narrowed(status: str) -> tuple[str, str]:
    if status in (*UNSENT, "void"):
        return ("_state", status)
    return ("_state", "sent") if status == "paid" else ("_unpaid", "1")
