"""Filters of the lists of runs and of what happened in them: in words, and without counting or scanning a table."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from accounts.models import User
from syncjobs.domain.causes import CAUSES
from syncjobs.domain.other_runs import TITLES
from syncjobs.domain.pairs import PAIR_KINDS
from syncjobs.models import Entry, MappedField, PairKind, Plan, PlannedWrite, Run
from syncjobs.services import KINDS
from syncjobs.words import SIDES, TRIGGERS

SAMPLED = 500
MOST_PEOPLE = 50
Choices = list[tuple[str, str]]
Rows = QuerySet[Any]


class ByColumn(admin.SimpleListFilter):
    """One column equal to the choice."""

    column = ""

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        value = self.value()
        return queryset.filter(**{self.column: value}) if value else queryset


class OfKind(ByColumn):
    """The kind that a run reads or keeps in step."""

    title, parameter_name, column = "kind", "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(kind, Run(kind=kind).title) for kind in (*KINDS, *PAIR_KINDS, *TITLES)]


class ByTrigger(ByColumn):
    """What set a run off."""

    title, parameter_name, column = "what set it off", "trigger", "trigger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(TRIGGERS.items())


class OfPair(ByColumn):
    """The pair of kinds that was brought into step."""

    title, parameter_name, column = "what", "pair", "plan__pair"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(PairKind.choices)


class OnSide(ByColumn):
    """The side that was written to."""

    title, parameter_name, column = "side", "side", "side"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(SIDES.items())


class ByCause(ByColumn):
    """Why it didn't go through, in plain words."""

    title, parameter_name, column = "why it didn't go through", "cause", "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(slug, cause.title.format(side="Zoho", other="the other side")) for slug, cause in CAUSES.items()]


class ByPerson(admin.SimpleListFilter):
    """Who asked for a run."""

    title, parameter_name = "person", "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        people = User.objects.filter(is_staff=True).order_by("username")[:MOST_PEOPLE]
        return [(str(one.pk), one.get_full_name() or one.username) for one in people]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        value = self.value() or ""
        return queryset.filter(user=int(value)) if value.isdecimal() else queryset


class OfOne(admin.SimpleListFilter):
    """Rows of one parent that a page of ours linked to; offered only while it is chosen."""

    model: type[Model]
    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        chosen = request.GET.get(str(self.parameter_name), "")
        row = self.model._default_manager.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        return [(chosen, capfirst(str(row)))] if row else []

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        value = self.value() or ""
        return queryset.filter(**{self.path: int(value)}) if value.isdecimal() else queryset


class OfRun(OfOne):
    """What happened in one run."""

    title, parameter_name, model, path = "run", "run", Run, "run"


class WrittenInRun(OfOne):
    """What one run wrote."""

    title, parameter_name, model, path = "run", "run", Run, "plan__run"


class OfPlan(OfOne):
    """What one plan means to write."""

    title, parameter_name, model, path = "plan", "plan", Plan, "plan"


class ByField(admin.SimpleListFilter):
    """Rows that are about one field; offered within one run or plan only, since it reads each of their rows."""

    title, parameter_name = "field", "field"

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        value = self.value()
        return queryset.filter(fields__contains=f"|{value}|") if value else queryset


class ByEntryField(ByField):
    """By a field that changed, as the first entries of the run name them."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        chosen = request.GET.get("run", "")
        rows = Entry.objects.filter(run=int(chosen)) if chosen.isdecimal() else Entry.objects.none()
        return [(name, name) for name in named(rows.order_by("pk").values_list("fields", flat=True)[:SAMPLED])]


class ByWrittenField(ByField):
    """By a mapped field, as people call it."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        run, plan = request.GET.get("run", ""), request.GET.get("plan", "")
        rows = PlannedWrite.objects.none()
        if run.isdecimal() or plan.isdecimal():
            wanted = {"plan__run": int(run)} if run.isdecimal() else {"plan": int(plan)}
            rows = PlannedWrite.objects.filter(**wanted).order_by("position")
        names = named(rows.values_list("fields", flat=True)[:SAMPLED])
        labels = dict(MappedField.objects.filter(name__in=names).values_list("name", "label"))
        return [(name, labels.get(name, name)) for name in names]


def named(texts: Iterable[str]) -> list[str]:
    """The field names that such texts list, each once, in order."""
    return sorted({name for text in texts for name in text.split("|") if name})
