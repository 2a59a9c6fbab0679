"""Where in zbridge the cause of a notice can be looked at, and that page's full address for mails and team channels."""

from django.conf import settings

from accounts.models import Notice

PAGES = {
    "connection": ("accounts.view_connection", "/admin/accounts/connection/{}/"),
    "expiry": ("accounts.view_expiry", "/admin/accounts/expiry/"),
    "conversion": ("invoicing.view_conversion", "/admin/invoicing/conversion/{}/"),
    "deal": ("invoicing.view_deal", "/admin/invoicing/deal/{}/"),
}


def page_of(notice: Notice) -> tuple[str, str]:
    """The right that opens it, and its path; both empty where the notice is about no page."""
    right, path = PAGES.get(notice.subject_kind, ("", ""))
    return right, path.format(notice.subject_id)


def with_address(notice: Notice) -> str:
    """The notice's text with the page's full address, where it is known under which one people open zbridge."""
    path = page_of(notice)[1]
    if not path or not settings.ZBRIDGE_URL:
        return notice.text
    return f"{notice.text}\n\nIn zbridge: {settings.ZBRIDGE_URL}{path}"
