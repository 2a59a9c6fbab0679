"""The forms of the connection pages: what a person types or chooses, never an API name or an id."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.data_centres import DATA_CENTRES
from accounts.line_columns import LABELS, NEEDED
from accounts.models import Connection
from accounts.readiness import choices_of, won_stages
from zbridge.zoho.secret import Secret

LADDERS = {
    "subform,quote,amount": "Lines on the deal, then the accepted quote, then one line for the amount",
    "quote,amount": "The accepted quote, then one line for the amount",
    "subform,quote": "Lines on the deal, then the accepted quote; nothing for a bare amount",
    "quote": "Only the accepted quote",
    "subform": "Only the lines on the deal",
    "amount": "Always one line for the amount",
}


class NewConnectionForm(forms.Form):
    """A name, a data centre and the OAuth client made in Zoho's API console."""

    name = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, label="Name")
    data_centre = forms.ChoiceField(
        choices=DATA_CENTRES, widget=UnfoldAdminSelectWidget, label="Where does your Zoho account live?"
    )
    client_id = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget, label="Client ID")
    client_secret = forms.CharField(widget=UnfoldAdminPasswordWidget, label="Client secret")

    def clean_client_secret(self) -> Secret:
        """Wrapped at once, so that no error page shows it."""
        return Secret(str(self.cleaned_data["client_secret"]).strip())


class ClientForm(forms.Form):
    """The OAuth client anew: after a new secret was made in Zoho's API console."""

    client_id = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget, label="Client ID")
    client_secret = forms.CharField(widget=UnfoldAdminPasswordWidget, label="New client secret")

    def clean_client_secret(self) -> Secret:
        """Wrapped at once, so that no error page shows it."""
        return Secret(str(self.cleaned_data["client_secret"]).strip())


class SettingsForm(forms.Form):
    """What the connection's documents follow; choices come from what was read when the connection was checked."""

    go_live = forms.DateField(
        label="Go-live", required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="Nothing won before this day is billed by itself or counted as waiting.",
    )  # fmt: skip
    amounts = forms.ChoiceField(
        label="Deal amounts are", choices=Connection.Amounts.choices, widget=UnfoldAdminSelectWidget
    )
    ladder = forms.ChoiceField(label="Lines come from", choices=list(LADDERS.items()), widget=UnfoldAdminSelectWidget)
    subform = forms.ChoiceField(label="Lines on the deal", required=False, widget=UnfoldAdminSelectWidget)
    bill_to_field = forms.ChoiceField(
        label="Who is billed", required=False, widget=UnfoldAdminSelectWidget,
        help_text="A look-up on deals; where it is empty, the deal's account is billed.",
    )  # fmt: skip
    parties = forms.ChoiceField(
        label="Customers are", required=False, choices=Connection.Parties.choices, widget=UnfoldAdminSelectWidget,
        help_text="Another choice brings back the suggested mapping of customers, and switches its sync off.",
    )  # fmt: skip
    amount_item_id = forms.ChoiceField(label="Item for a bare amount", required=False, widget=UnfoldAdminSelectWidget)
    default_tax_id = forms.ChoiceField(label="Default tax", required=False, widget=UnfoldAdminSelectWidget)
    accepted_stages = forms.MultipleChoiceField(
        label="A quote is accepted in", required=False, widget=forms.CheckboxSelectMultiple
    )
    excluded_stages = forms.MultipleChoiceField(
        label="Won stages that are not billed", required=False, widget=forms.CheckboxSelectMultiple
    )
    reference = forms.ChoiceField(
        label="The invoice's reference is", choices=Connection.Reference.choices, widget=UnfoldAdminSelectWidget
    )
    price_policy = forms.ChoiceField(
        label="When CRM's and Books' prices differ", choices=Connection.PricePolicy.choices,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    match_likely = forms.IntegerField(
        label="Two records may be the same from a score of (per cent)", required=False, min_value=1, max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="From here a person is asked: in Who is who, in Duplicates, before a customer is made. Usually 50.",
    )  # fmt: skip
    match_certain = forms.IntegerField(
        label="Two records are surely the same from a score of (per cent)", required=False, min_value=1, max_value=100,
        widget=UnfoldAdminIntegerFieldWidget, help_text="Never by a name alone, whatever the score. Usually 95.",
    )  # fmt: skip
    both_discounts = forms.ChoiceField(
        label="When lines and document have discounts", choices=Connection.BothDiscounts.choices,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    outside_window_days = forms.IntegerField(
        label="Look for invoices made by hand within (days)", min_value=0, max_value=366,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    second_person_over = forms.DecimalField(
        label="Billing a voided sale again needs a second person above", required=False, min_value=0, max_digits=16,
        decimal_places=2, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text="An amount in the invoice's own currency; empty: one person is enough.",
    )  # fmt: skip
    discount_before_tax_always = forms.BooleanField(
        label="Books always discounts before tax", required=False, widget=UnfoldBooleanSwitchWidget
    )
    location_id = forms.RegexField(
        r"^\d{1,30}$", label="Location in Books", required=False, widget=UnfoldAdminTextInputWidget,
        help_text="Its id, the digits at the end of its address; needed only where Books has several locations.",
        error_messages={"invalid": "A location's id is digits only, e.g. 460000000038080."},
    )  # fmt: skip

    def __init__(self, connection: Connection, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        won = [(stage, stage) for stage in won_stages(connection)]
        taxes = [(row["id"], f"{row['name']} ({row['percentage']} %)") for row in connection.taxes]
        accepted = dict.fromkeys([*connection.accepted_stages, *dict(choices_of(connection, "accepted_stages"))])
        self._offer("subform", [("", "None"), *choices_of(connection, "subform")])
        self._offer("bill_to_field", [("", "The deal's account"), *choices_of(connection, "bill_to")])
        self._add_columns(connection)
        self._offer("amount_item_id", [("", "None"), *choices_of(connection, "items")])
        self._offer("default_tax_id", [("", "None"), *taxes])
        self._offer("accepted_stages", [(stage, stage) for stage in accepted])
        self._offer("excluded_stages", won)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _add_columns(self, connection: Connection) -> None:
        """One choice for what each column of the subform means, once its columns were read."""
        offered = choices_of(connection, "columns") if connection.subform else []
        self._columns = list(LABELS) if offered else []
        for meaning in self._columns:
            self.fields[f"column_{meaning}"] = forms.ChoiceField(
                label=f"Column of the deal's lines: {LABELS[meaning]}", choices=[("", "None"), *offered],
                required=meaning in NEEDED, widget=UnfoldAdminSelectWidget,
            )  # fmt: skip
        place = list(self.fields).index("subform") + 1
        named = [f"column_{meaning}" for meaning in self._columns]
        rest = [name for name in self.fields if name not in named]
        self.order_fields([*rest[:place], *named, *rest[place:]])
        self._order = {name: api for name, api in connection.subform_columns.items() if name == "order"}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        certain, likely = found.get("match_certain"), found.get("match_likely")
        if certain and likely and likely > certain:
            self.add_error("match_likely", f"Choose at most {certain}, the score from which they are surely the same.")
        return found

    def wanted(self) -> dict[str, Any]:
        """The settings by their names on the connection."""
        found = dict(self.cleaned_data)
        found["line_sources"] = found.pop("ladder").split(",")
        for name in ("parties", "match_certain", "match_likely"):
            if not found[name]:
                del found[name]  # sent by whoever doesn't know of it: as it is
        chosen = {meaning: found.pop(f"column_{meaning}") for meaning in self._columns}
        if chosen:
            found["subform_columns"] = {name: api for name, api in chosen.items() if api} | self._order
        return found


def initial_settings(connection: Connection) -> dict[str, Any]:
    """The settings in force, as the form shows them."""
    names = [name for name in SettingsForm.base_fields if name != "ladder"]
    columns = {f"column_{meaning}": name for meaning, name in connection.subform_columns.items()}
    ladder = {"ladder": ",".join(connection.line_sources)}
    return {name: getattr(connection, name) for name in names} | columns | ladder


def simulator_is_offered() -> bool:
    """Whether a simulator may be connected here."""
    return not settings.PRODUCTION
