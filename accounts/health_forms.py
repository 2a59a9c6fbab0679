"""Forms of expiries and of the team channel."""

from django import forms
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Connection, Expiry
from zbridge.zoho.secret import Secret


class ExpiryForm(forms.ModelForm):  # type: ignore[type-arg]
    """What ends, when, and who renews it."""

    class Meta:
        model = Expiry
        fields = ("kind", "name", "ends_on", "connection", "who", "note")
        labels = {"ends_on": "Last day", "name": "What"}
        help_texts = {"name": "As people call it, e.g. “Client secret of Brightwater”.", "ends_on": ""}
        widgets = {
            "kind": UnfoldAdminSelectWidget,
            "name": UnfoldAdminTextInputWidget,
            "ends_on": UnfoldAdminTextInputWidget(attrs={"type": "date"}),
            "connection": UnfoldAdminSelectWidget,
            "who": UnfoldAdminTextInputWidget,
            "note": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        rows = Connection.objects.all()
        self.fields["connection"] = forms.ModelChoiceField(
            rows, required=False, empty_label="All of zbridge", label="For", widget=UnfoldAdminSelectWidget
        )


class TeamChannelForm(forms.Form):
    """The address; it is never shown again."""

    url = forms.CharField(
        required=False, max_length=500, label="Address", widget=UnfoldAdminPasswordWidget,
        help_text="An address of apprise's kind that is encrypted (TLS). It holds secrets, so it isn't shown again.",
    )  # fmt: skip

    def clean_url(self) -> Secret:
        """Wrapped at once, so that no error page shows it."""
        return Secret(str(self.cleaned_data["url"]).strip())
