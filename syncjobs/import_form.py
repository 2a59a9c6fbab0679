"""The off-peak hours as a person sets them."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import audit
from accounts.models import Connection, User
from zbridge.clock import Clock

FORMATS = ["%H:%M", "%H:%M:%S", "%H.%M", "%H"]


class HoursForm(forms.Form):
    """From and until; both or neither."""

    opens = forms.TimeField(
        label="From", required=False, input_formats=FORMATS,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "21:00"}),
    )  # fmt: skip
    closes = forms.TimeField(
        label="Until", required=False, input_formats=FORMATS,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "06:00"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if (found.get("opens") is None) != (found.get("closes") is None):
            self.add_error("opens" if found.get("opens") is None else "closes", "Give both hours, or leave both empty.")
        return found


def hours_form(connection: Connection) -> HoursForm:
    """With the hours in force."""
    shown = {name: f"{at:%H:%M}" if at else "" for name, at in (
        ("opens", connection.bulk_opens), ("closes", connection.bulk_closes))}  # fmt: skip
    return HoursForm(initial=shown)


def keep_hours(connection: Connection, form: HoursForm, user: User, clock: Clock) -> str:
    """Keep them, with a line in the audit trail; a sentence. Runs that wait for the old hours look again."""
    connection.bulk_opens, connection.bulk_closes = form.cleaned_data["opens"], form.cleaned_data["closes"]
    connection.save(update_fields=["bulk_opens", "bulk_closes"])
    said = "No off-peak hours: bulk work goes on at any time."
    if connection.bulk_opens is not None:
        said = (
            f"Off-peak hours: {connection.bulk_opens:%H:%M} to {connection.bulk_closes:%H:%M}, {connection.time_zone}."
        )
    subject = ("connection", str(connection.pk))
    audit.record(user, "settings", said, connection=connection, subject=subject, clock=clock)
    return said
