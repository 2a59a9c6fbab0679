"""The form of one mapping: a line is a field of CRM, a field of Books, and what goes between them."""

import json
from collections.abc import Mapping as Dict
from typing import Any

from django import forms
from django.utils.text import slugify
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from syncjobs.domain.live_fields import LiveField, unfit
from syncjobs.domain.mapping import NAMES, Direction, FieldMap
from syncjobs.domain.ownership import Owner
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import REGISTRY, Unfit, make
from syncjobs.models import MappedField, OnGone

Known = Dict[str, LiveField]
OWNERS = [
    ("", "Nobody yet"), (Owner.CRM.value, "CRM"), (Owner.BOOKS.value, "Books"),
    (Owner.ASK.value, "Ask when both changed"), (Owner.NEWEST.value, "The newer value"),
    (Owner.NEITHER.value, "Neither: only read"),
]  # fmt: skip
DIRECTIONS = [
    (Direction.BOTH.value, "Both ways"), (Direction.TO_BOOKS.value, "CRM to Books"),
    (Direction.TO_CRM.value, "Books to CRM"),
]  # fmt: skip
# What the settings of a transform are called, where it has any; a pick-list's are its pairs.
SETTING = {"phone": "country", "fallback": "value", "constant": "value", "amount": "places"}


def settings_text(transform: str, settings: Dict[str, Any]) -> str:
    """A transform's settings as a person types them: one value, or a pick-list's pairs line by line."""
    if transform == "picklist":
        return "\n".join(f"{crm} = {json.dumps(books) if not isinstance(books, str) else books}"
                         for crm, books in settings.get("pairs", ()))  # fmt: skip
    return str(settings.get(SETTING.get(transform, ""), ""))


def settings_from(transform: str, text: str) -> dict[str, Any]:
    """The way back; raises Unfit with the line that makes no sense."""
    written = text.strip()
    if transform == "picklist":
        return {"pairs": [_pair(line) for line in written.splitlines() if line.strip()]}
    name = SETTING.get(transform)
    if not written or name is None:
        return {}
    if name == "places" and not written.isdecimal():
        raise Unfit(f"“{written[:20]}” is no number of decimals.")
    return {name: int(written) if name == "places" else written}


def _pair(line: str) -> list[Any]:
    crm, sign, books = (part.strip() for part in line.partition("="))
    if not sign or not crm or not books:
        raise Unfit(f"“{line[:60]}” is no pair; write CRM's word = Books' value.")
    return [crm, int(books) if books.lstrip("-").isdecimal() else books]


class LineForm(forms.Form):
    """One line. `name` stays what it was first: bases, conflicts and kept values go by it."""

    name = forms.SlugField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(label="Called", max_length=120, widget=UnfoldAdminTextInputWidget)
    crm = forms.ChoiceField(label="Field in CRM", widget=UnfoldAdminSelectWidget)
    # What a browser sends of a line that nobody touched is no change.
    direction = forms.ChoiceField(
        label="Goes", choices=DIRECTIONS, initial=DIRECTIONS[0][0], widget=UnfoldAdminSelectWidget
    )
    books = forms.ChoiceField(label="Field in Books", widget=UnfoldAdminSelectWidget)
    transform = forms.ChoiceField(
        label="As",
        choices=[(name, kind.label) for name, kind in REGISTRY.items()],
        initial=next(iter(REGISTRY)),
        widget=UnfoldAdminSelectWidget,
    )
    settings = forms.CharField(
        label="Its settings", required=False, max_length=8000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mapping-settings"}),
    )  # fmt: skip
    owner = forms.ChoiceField(label="Owner", required=False, choices=OWNERS, widget=UnfoldAdminSelectWidget)
    blank_erases = forms.BooleanField(label="A blank erases", required=False)
    set_back = forms.BooleanField(label="A refused edit is set back", required=False)

    def __init__(self, *args: Any, crm: Known, books: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.live = {Side.CRM: crm, Side.BOOKS: books}
        for side in Side:
            field = self.fields[str(side)]
            field.choices = _choices(self.live[side], self._current(str(side)), NAMES[side])  # type: ignore[attr-defined]

    def _current(self, name: str) -> str:
        return str(self.initial.get(name) or (self.data.get(self.add_prefix(name)) if self.is_bound else "") or "")

    def clean(self) -> dict[str, Any]:
        """Settings must make the transform, and what a system can't write must not be written."""
        found = super().clean() or {}
        if self.errors:
            return found
        try:
            found["settings"] = settings_from(found["transform"], found["settings"])
            field = as_field(found)
        except Unfit as trouble:
            self.add_error("settings", str(trouble))
            return found
        for side in Side:
            live = self.live[side].get(field.path(side))
            for said in unfit(field, side, live) if live else ():
                self.add_error(str(side), said)
        return found


def _choices(known: Known, current: str, system: str) -> list[Any]:
    """What the system has, custom fields apart, each with type and length; a lost field is named and stays."""
    groups: dict[str, list[tuple[str, str]]] = {"Standard fields": [], "Custom fields": []}
    for path, live in sorted(known.items(), key=lambda pair: pair[1].label.casefold()):
        groups["Custom fields" if live.custom else "Standard fields"].append((path, _described(live)))
    lost = [(current, f"{current} (not in {system} now)")] if current and current not in known else []
    return [("", "Choose a field"), *lost, *((name, rows) for name, rows in groups.items() if rows)]


def _described(live: LiveField) -> str:
    parts = [live.type if live.type != "text" else "", f"up to {live.length}" if live.length else "",
             f"{len(live.choices)} values" if live.choices else "", "read only" if live.read_only else ""]  # fmt: skip
    told = ", ".join(part for part in parts if part)
    return f"{live.label} ({told})" if told else live.label


def as_field(found: Dict[str, Any]) -> FieldMap:
    """A cleaned line as the pure rules take it."""
    owner = found["owner"]
    return FieldMap(
        name=found["name"] or slugify(found["label"]), label=found["label"], crm=found["crm"], books=found["books"],
        transform=make(found["transform"], found["settings"]), direction=Direction(found["direction"]),
        owner=Owner(owner) if owner else None, blank_erases=found["blank_erases"], set_back=found["set_back"],
    )  # fmt: skip


class Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    """All lines of a mapping; empty new ones are left out."""

    def kept(self) -> list[dict[str, Any]]:
        """The lines that stay, in order, each with a name of its own."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        taken = {row["name"] for row in rows if row["name"]}
        for row in rows:
            if not row["name"]:
                row["name"] = _free(slugify(row["label"]) or "field", taken)
                taken.add(row["name"])
        return rows


def _free(wanted: str, taken: set[str]) -> str:
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)[:60]


LineFormSet = forms.formset_factory(LineForm, formset=Lines, extra=1, can_delete=True, max_num=200)


class MappingForm(forms.Form):
    """What holds for the whole pair; `version` notices a page that is older than the mapping."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    owner = forms.ChoiceField(
        label="Owner of fields that name none", required=False, choices=OWNERS, widget=UnfoldAdminSelectWidget
    )
    creates_in_books = forms.BooleanField(label="Make in Books what only CRM has", required=False)
    creates_in_crm = forms.BooleanField(label="Make in CRM what only Books has", required=False)
    on_gone = forms.ChoiceField(
        label="When a linked record is deleted on a side", required=False, choices=OnGone.choices,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip

    def clean_on_gone(self) -> str:
        return self.cleaned_data["on_gone"] or self.initial.get("on_gone") or OnGone.ASK


def initial_line(line: MappedField) -> dict[str, Any]:
    """A kept line as the form shows it."""
    names = ("name", "label", "crm", "direction", "books", "transform", "owner", "blank_erases", "set_back")
    return {name: getattr(line, name) for name in names} | {"settings": settings_text(line.transform, line.settings)}
