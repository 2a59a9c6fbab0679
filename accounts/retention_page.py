"""What *What is kept* shows: each sort of rows with its days, and how old the oldest is; nothing is counted in full."""

from datetime import datetime
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.models import AuditEvent, User
from accounts.retention import OldRows, days_kept, sorts
from accounts.roles import may
from zbridge.clock import Clock

COUNTED, MOST_DAYS, MOST_CHANGES = 1000, 36_500, 10
FOR_GOOD = (
    "Conversions and every attempt to create something in Zoho",
    "Audit: who did what, and when",
    "Kept values: what was refused or overwritten, until a person restores it",
    "Conflicts and links, with who decided them",
    "Accounts, contacts, products, deals, quotes and invoices as last read",
    "Rules in force: every version that a plan went by, and the history of mappings, schedules and these days",
)


class RetentionForm(forms.Form):
    """Days by sort of rows."""


def form_of(data: Any = None) -> RetentionForm:
    """The form with what is in force, or with what was sent."""
    form, days = RetentionForm(data), days_kept()
    for one in sorts():
        refused = f"At least {one.least} days. {one.why}"
        form.fields[one.name] = forms.IntegerField(
            label=f"{one.title}: days", initial=days[one.name], min_value=one.least, max_value=MOST_DAYS,
            error_messages={"min_value": refused},
            widget=UnfoldAdminIntegerFieldWidget(attrs={"aria-label": f"{one.title}: days", "min": one.least}),
        )  # fmt: skip
    return form


def page(user: User, clock: Clock, form: RetentionForm | None = None) -> dict[str, Any]:
    """Two queries for each sort, however many rows it has."""
    form, days, now = form or form_of(), days_kept(), clock.now()
    changes = AuditEvent.objects.filter(subject_kind="retention").order_by("-pk")[:MOST_CHANGES]
    return {
        "rows": [{"sort": one, "field": form[one.name], "days": days[one.name],
                  "said": standing(one, days[one.name], now)} for one in sorts()],
        "form": form, "may_set": may(user, "retain"), "for_good": FOR_GOOD, "changes": changes,
    }  # fmt: skip


def standing(one: OldRows, days: int, now: datetime) -> str:
    """What stands there that may go, how old the oldest is, and when that goes."""
    rows = one.may_go()
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    oldest = rows.values_list(one.column, flat=True).first()
    if oldest is None:
        return "Nothing stands there yet that would go one day."
    age = (now - oldest).days
    many = f"Over {COUNTED:,}" if number > COUNTED else f"{number:,}"
    when = "clearing away is under way" if age > days else f"it goes in {_days(days - age)}" if age < days else "next"
    old = f"{_days(age)} old" if age else "of today"
    return f"{many} stand{'s' if number == 1 else ''} there; the oldest is {old}, {when}."


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"
