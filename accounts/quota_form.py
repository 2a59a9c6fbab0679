"""The form of *Calls and quota*: how fast zbridge may call Books, and the editions where Zoho doesn't tell them."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from accounts import audit, pacing
from accounts.editions import BOOKS_PLANS, CRM_EDITIONS
from accounts.editions_told import Editions, choose
from accounts.models import Bucket, Connection, User
from zbridge.clock import Clock

# More than bulk work leaves for the others, and fewer than would look like an attack.
LEAST_BURST, MOST_BURST = 6, 15


class QuotaForm(forms.Form):
    """Ceiling and burst of Books; editions and users."""

    ceiling = forms.IntegerField(
        label="Most Books calls in any minute", min_value=pacing.LOWEST_CEILING, max_value=pacing.HIGHEST_CEILING,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Books allows 100 to all apps together. zbridge starts at 70 and learns how near it may go.",
    )  # fmt: skip
    burst = forms.IntegerField(
        label="Of these, at once after a pause", min_value=LEAST_BURST, max_value=MOST_BURST,
        widget=UnfoldAdminIntegerFieldWidget, help_text="The rest is spread over the minute.",
    )  # fmt: skip
    books_plan = forms.ChoiceField(
        label="Books plan", required=False, widget=UnfoldAdminSelectWidget,
        help_text="Read from Zoho at each check; choose it only where Zoho doesn't tell.",
    )  # fmt: skip
    crm_edition = forms.ChoiceField(label="CRM edition", required=False, widget=UnfoldAdminSelectWidget)
    crm_licences = forms.IntegerField(
        label="CRM users paid for", required=False, min_value=0, max_value=100_000,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("books_plan", BOOKS_PLANS)
        self._offer("crm_edition", CRM_EDITIONS)

    def _offer(self, name: str, known: tuple[str, ...]) -> None:
        """The known ones, and the one in force by the name that Zoho told."""
        names = dict.fromkeys([*known, *([self.initial[name]] if self.initial.get(name) else [])])
        self.fields[name].choices = [("", "Not told"), *((one, one) for one in names)]  # type: ignore[attr-defined]


def form_of(connection: Connection, books: Bucket | None = None, data: Any = None) -> QuotaForm:
    """The form with what is in force, or with what was sent."""
    row = books or Bucket.objects.filter(connection=connection, side="books").first() or Bucket(**pacing.start("books"))
    in_force = {
        "ceiling": row.ceiling, "burst": int(row.capacity), "books_plan": connection.books_plan,
        "crm_edition": connection.crm_edition, "crm_licences": connection.crm_licences,
    }  # fmt: skip
    return QuotaForm(data, initial=in_force)


def keep(connection: Connection, wanted: dict[str, Any], user: User | None, clock: Clock) -> None:
    """Keep them; the pace learned so far stays where it fits under the new ceiling."""
    ceiling, burst = int(wanted["ceiling"]), float(wanted["burst"])
    row, _ = Bucket.objects.get_or_create(connection=connection, side="books", defaults=pacing.start("books"))
    if (row.ceiling, row.capacity) != (ceiling, burst):
        pace = min(row.per_minute, ceiling - burst)
        Bucket.objects.filter(pk=row.pk).update(ceiling=ceiling, capacity=burst, per_minute=pace)
        said = f"Set the most Books calls in any minute to {ceiling}, {burst:.0f} of them at once, for {connection}."
        detail = {"ceiling": [row.ceiling, ceiling], "burst": [row.capacity, burst]}
        audit.record(
            user, "quota", said, connection=connection, subject=("connection", str(connection.pk)), detail=detail,
            clock=clock,
        )  # fmt: skip
    editions = Editions(wanted["books_plan"], wanted["crm_edition"], int(wanted["crm_licences"] or 0))
    choose(connection, editions, user, clock)
