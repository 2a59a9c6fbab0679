"""The form of *Schedules*: a choice of intervals for each kind, each with what it costs."""

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from syncjobs.domain.schedules import CHOICES, cost, in_words
from syncjobs.schedules import OFF, Standing, stamp


class ScheduleForm(forms.Form):
    """Minutes by kind, 0: off; and what the person saw when she chose."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def wanted(self) -> dict[str, int]:
        """The chosen minutes by kind."""
        return {kind: int(minutes) for kind, minutes in self.cleaned_data.items() if kind != "seen"}


def form_of(found: list[Standing], data: Mapping[str, Any] | None = None) -> ScheduleForm:
    """The form with what is kept, or with what was sent."""
    form = ScheduleForm(data, initial={"seen": stamp([one.row for one in found])})
    for one in found:
        minutes = one.row.every_minutes if one.row.on else OFF
        form.fields[one.row.kind] = forms.ChoiceField(
            label=one.feed.label, initial=minutes, choices=_choices(minutes),
            widget=UnfoldAdminSelectWidget(attrs={"aria-label": f"How often {one.feed.label.lower()} are read"}),
        )  # fmt: skip
    return form


def _choices(kept: int) -> list[tuple[int, str]]:
    minutes = sorted({*CHOICES, *([kept] if kept else [])})
    return [*((one, f"{in_words(one).capitalize()}: {cost([one])} a day") for one in minutes), (OFF, "Off")]
