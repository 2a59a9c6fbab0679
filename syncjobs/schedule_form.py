"""The form of *Schedules*: a choice of intervals for each kind, each with what it costs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from syncjobs.domain.schedules import CHOICES, age_in_words, cost, in_words
from syncjobs.schedules import OFF, Standing, stamp

TARGET = "target_"


class ScheduleForm(forms.Form):
    """Minutes by kind, 0: off; how old its figures may be; and what the person saw when she chose."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def wanted(self) -> dict[str, int]:
        """The chosen minutes by kind."""
        return {name: int(minutes) for name, minutes in self.cleaned_data.items() if "_" not in name and name != "seen"}

    def targets(self) -> dict[str, int]:
        """The chosen targets by kind, 0: two intervals; those that were sent."""
        found = {name.removeprefix(TARGET): text for name, text in self.cleaned_data.items() if name.startswith(TARGET)}
        return {kind: int(minutes) for kind, minutes in found.items() if minutes}


def form_of(found: list[Standing], data: Mapping[str, Any] | None = None) -> ScheduleForm:
    """The form with what is kept, or with what was sent."""
    form = ScheduleForm(data, initial={"seen": stamp([one.row for one in found])})
    for one in found:
        minutes = one.row.every_minutes if one.row.on else OFF
        form.fields[one.row.kind] = forms.ChoiceField(
            label=one.feed.label, initial=minutes, choices=_choices(minutes),
            widget=UnfoldAdminSelectWidget(attrs={"aria-label": f"How often {one.feed.label.lower()} are read"}),
        )  # fmt: skip
        form.fields[f"{TARGET}{one.row.kind}"] = forms.ChoiceField(
            label=f"{one.feed.label}: target", initial=one.row.target_minutes, required=False,
            choices=_targets(one.row.target_minutes),
            widget=UnfoldAdminSelectWidget(attrs={"aria-label": f"How old {one.feed.label.lower()} may get"}),
        )  # fmt: skip
    return form


def _targets(kept: int) -> list[tuple[int, str]]:
    minutes = sorted({*CHOICES, *([kept] if kept else [])})
    return [
        (0, "At most two intervals"),
        *((one, f"At most {age_in_words(timedelta(minutes=one))}") for one in minutes),
    ]


def _choices(kept: int) -> list[tuple[int, str]]:
    minutes = sorted({*CHOICES, *([kept] if kept else [])})
    return [*((one, f"{in_words(one).capitalize()}: {cost([one])} a day") for one in minutes), (OFF, "Off")]
