"""The side bar: one list of pages in the order of work, each shown to those who may open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zbridge.site import house
from zbridge.site.badges import MOST, open_rows

Count = Callable[[HttpRequest], int]


@dataclass(frozen=True)
class Page:
    """One entry: its URL's name, the right that opens it, and what its badge counts."""

    title: str
    icon: str
    url: str
    right: str
    count: Count | None = None


def _attention(request: HttpRequest) -> int:
    return open_rows(request)["attention"]


def _review(request: HttpRequest) -> int:
    return open_rows(request)["review"]


def _problems(request: HttpRequest) -> int:
    return open_rows(request)["problems"]


def _failures(request: HttpRequest) -> int:
    return open_rows(request)["failures"]


def _prices(request: HttpRequest) -> int:
    return open_rows(request)["prices"]


def _late(request: HttpRequest) -> int:
    return open_rows(request)["late"]


def _conflicts(request: HttpRequest) -> int:
    return open_rows(request)["conflicts"]


def _duplicates(request: HttpRequest) -> int:
    return open_rows(request)["duplicates"]


def _links(request: HttpRequest) -> int:
    return open_rows(request)["links"]


WORK = (
    Page("Today", "wb_sunny", "admin:index", ""),
    Page("Deals", "handshake", "admin:invoicing_deal_changelist", "invoicing.view_deal"),
    Page("Quotes", "request_quote", "admin:invoicing_quote_changelist", "invoicing.view_quote"),
    Page("Accounts", "domain", "admin:invoicing_account_changelist", "syncjobs.view_record"),
    Page("Invoices", "receipt_long", "admin:invoicing_invoice_changelist", "invoicing.view_invoice"),
    Page("Payments", "payments", "admin:invoicing_payment_changelist", "invoicing.view_payment"),
    Page("Credit notes", "undo", "admin:invoicing_creditnote_changelist", "invoicing.view_creditnote"),
    Page("Reports", "bar_chart", "reports:index", "invoicing.view_deal"),
    Page("Exports", "download", "exports:page", "invoicing.view_deal"),
    Page(
        "Needs attention",
        "front_hand",
        "admin:invoicing_conversion_changelist",
        "invoicing.view_conversion",
        _attention,
    ),
    Page("Drafts to review", "rate_review", "documents:review", "syncjobs.view_problem", _review),
    Page("Price drift", "price_change", "admin:invoicing_pricedrift_changelist", "invoicing.view_pricedrift", _prices),
)
NOTICES = Page("Notices", "notifications", "health:notices", "", house.unread)
SYNC = (
    Page("Runs", "sync", "admin:syncjobs_run_changelist", "syncjobs.view_run"),
    Page("Schedules", "schedule", "schedule:home", "syncjobs.view_schedule", _late),
    Page("Import", "move_to_inbox", "import:home", "syncjobs.view_import"),
    Page("Both sides counted", "balance", "admin:syncjobs_comparison_changelist", "syncjobs.view_comparison"),
    Page("Gone records", "person_off", "admin:syncjobs_disappearance_changelist", "syncjobs.view_disappearance"),
    Page("Failures", "sync_problem", "failures:list", "syncjobs.view_plannedwrite", _failures),
    Page("Problems", "report", "admin:syncjobs_problem_changelist", "syncjobs.view_problem", _problems),
    Page("Customers", "storefront", "admin:syncjobs_customer_changelist", "syncjobs.view_link"),
    Page("Products", "inventory_2", "admin:syncjobs_product_changelist", "syncjobs.view_link"),
    Page("Items", "category", "admin:syncjobs_item_changelist", "syncjobs.view_link"),
    Page("Duplicates", "content_copy", "admin:syncjobs_duplicate_changelist", "syncjobs.view_duplicate", _duplicates),
    Page("Customers without e-mail", "alternate_email", "emails:page", "syncjobs.view_duplicate"),
    Page("Conflicts", "call_split", "admin:syncjobs_conflict_changelist", "syncjobs.view_conflict", _conflicts),
    Page("Kept values", "inventory", "admin:syncjobs_keptvalue_changelist", "syncjobs.view_keptvalue"),
    Page("Plans", "checklist", "admin:syncjobs_plan_changelist", "syncjobs.view_plan"),
    Page("Mapping and owners", "swap_calls", "mapping:list", "syncjobs.view_mapping"),
    Page("Who is who", "groups", "who:list", "syncjobs.view_link"),
    Page("Links", "link", "admin:syncjobs_link_changelist", "syncjobs.view_link", _links),
)
SET_UP = (
    Page("Connections", "cable", "connection:list", "accounts.view_connection"),
    Page("Health", "monitor_heart", "admin:accounts_healthrun_changelist", "accounts.view_healthrun"),
    Page("What ends when", "event_upcoming", "admin:accounts_expiry_changelist", "accounts.view_expiry"),
    Page("Near real time", "bolt", "near:home", "syncjobs.view_hint"),
    Page("Calls and quota", "speed", "connection:calls_home", "accounts.view_connection"),
    Page("Automatic drafts", "auto_mode", "documents:automatic", "syncjobs.view_problem"),
    Page("From sale to invoice", "rule_settings", "connection:summary_home", "syncjobs.view_problem"),
    Page("What is kept", "auto_delete", "retention:page", "accounts.view_retention"),
    Page("Users", "group", "admin:accounts_user_changelist", "accounts.view_user"),
    Page("Proofs", "verified", "admin:invoicing_proof_changelist", "invoicing.view_proof"),
    Page("Attempts", "send", "admin:syncjobs_attempt_changelist", "syncjobs.view_attempt"),
    Page("Audit", "fact_check", "admin:accounts_auditevent_changelist", "accounts.view_auditevent"),
    Page("Calls to Zoho", "swap_horiz", "admin:accounts_exchange_changelist", "accounts.view_exchange"),
    Page("Notice log", "outbox", "admin:accounts_notice_changelist", "accounts.view_notice"),
)
GROUPS = (("", (*WORK, NOTICES)), ("Sync", SYNC), ("Set-up", SET_UP))


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """What unfold draws; without the groups in which this person may open nothing."""
    groups = [{"title": title, "items": _items(request, pages)} for title, pages in GROUPS]
    return [group for group in groups if group["items"]]


def _items(request: HttpRequest, pages: tuple[Page, ...]) -> list[dict[str, Any]]:
    allowed = [page for page in pages if not page.right or request.user.has_perm(page.right)]
    return [_item(request, page, link) for page in allowed if (link := _address(page.url))]


def _address(name: str) -> str:
    """The page's address; empty for a page that this installation doesn't have."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _item(request: HttpRequest, page: Page, link: str) -> dict[str, Any]:
    item: dict[str, Any] = {"title": page.title, "icon": page.icon, "link": link}
    number = page.count(request) if page.count else 0
    if number:
        item |= {"badge": f"{MOST}+" if number == MOST else str(number), "badge_variant": "warning"}
    return item
