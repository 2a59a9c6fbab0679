"""The form of *Figures in CRM*: for each figure a field of CRM by its label, or not at all."""

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from accounts.figure_fields import MODULES, Meaning, offered, places
from accounts.models import Connection

NOT_WRITTEN, NOT_YET = "", "not yet"


class FiguresForm(forms.Form):
    """A select for each figure; the chosen names, and whether CRM's workflows fire."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    fire_workflows = forms.BooleanField(
        required=False, label="Fire CRM's workflows when figures are written", widget=UnfoldBooleanSwitchWidget(),
        help_text="Off: CRM's own automations don't notice. On: they may send mails or change records with each write.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """No two figures of a module go into one field."""
        found = super().clean() or {}
        for module in MODULES:
            self._clean_module(module, found)
        return found

    def _clean_module(self, module: str, found: Mapping[str, Any]) -> None:
        taken: dict[str, str] = {}
        for one in MODULES[module]:
            name = found.get(one.key)
            if name in (None, NOT_WRITTEN, NOT_YET):
                continue
            if name in taken:
                self.add_error(one.key, f"“{taken[name]}” goes into this field already; choose another one.")
            taken[str(name)] = one.title

    def wanted(self) -> dict[str, str]:
        """Meaning -> API name as chosen; what isn't in CRM yet is left out."""
        keys = [one.key for found in MODULES.values() for one in found]
        return {key: self.cleaned_data[key] for key in keys if self.cleaned_data.get(key, NOT_YET) != NOT_YET}


def stamp(connection: Connection) -> str:
    """What a person saw when she chose: it differs once somebody else has changed it."""
    chosen = sorted((key, name) for key, name in connection.crm_fields.items())
    return f"{chosen}{connection.fire_workflows}"


def figures_form(connection: Connection, data: Mapping[str, Any] | None = None) -> FiguresForm:
    """The form with what is kept, or with what was sent."""
    form = FiguresForm(
        data, initial={"seen": stamp(connection), "fire_workflows": connection.fire_workflows}
    )  # fmt: skip
    for module in MODULES:
        fields, gone = offered(connection, module), places(connection, module).missing
        for one in MODULES[module]:
            form.fields[one.key] = _field(one, connection.crm_fields.get(one.key), fields[one.key], one in gone)
    return form


def _field(one: Meaning, chosen: str | None, fields: list[tuple[str, str]], gone: bool) -> forms.ChoiceField:
    known = dict(fields)
    first = [(NOT_WRITTEN, "Don't write it")]
    if chosen is None:
        first = [(NOT_YET, "No field yet"), *first]
    elif chosen and chosen not in known:
        said = "no longer in CRM" if gone else "doesn't take such values"
        first = [(chosen, f"{one.label} ({said})"), *first]
    return forms.ChoiceField(
        label=one.title, choices=[*first, *fields], required=False, initial=NOT_YET if chosen is None else chosen,
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
