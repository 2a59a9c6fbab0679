"""The base of all lists and pages: scoped on every path, read-only, searched by keys, exported as shown."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.views.decorators.http import require_GET
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from accounts import at_hand, export_door, exporting, exports
from accounts.house_list import BoundedPaginator, DayTab, HouseList, SearchBy, Tab, begins
from accounts.models import User
from accounts.roles import may
from accounts.scope import visible

LIST = "list"


class HouseAdmin(ModelAdmin):
    """What is mirrored is looked at, never added, changed, imported or deleted here.

    A list says: `resource_class` (its file's columns; None: no export), `tabs` (the first is open), `search_by`
    (indexed columns, each with how its text is normalised), `left_out` (columns too big to load),
    `list_select_related` (the connection comes of itself, without a join), and `empty_sentence`. What a rep sees is a
    rule that the model's own room puts into accounts.scope.
    """

    tabs: Sequence[Tab | DayTab] = ()
    resource_class: type[ModelResource] | None = None
    left_out: Sequence[str] = ()
    search_by: SearchBy = ()
    empty_sentence = "There is nothing here yet."
    empty_link: tuple[str, str] | None = None
    paginator = BoundedPaginator
    list_per_page = 25
    list_max_show_all = 0
    show_full_result_count = False
    list_filter_sheet = True
    list_before_template = "admin/house/list_top.html"
    list_disable_select_all = True

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Every path (list, page, action, search, export, JSON) starts from what the person may see."""
        return visible(request.user, super().get_queryset(request)).defer(*self.left_out)

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        return [column for column, _ in self.search_by]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """The beginning of a key column, each normalised as it is stored; found by their indexes, never a scan."""
        columns = self.searched(search_term)
        if columns is None:
            return queryset, False
        if not columns:
            return queryset.none(), False
        wanted = reduce(or_, (begins(column, text) for column, text in columns.items()))
        if self._has_connection:
            # Their indexes begin with it.
            wanted &= Q(connection__in=[row.pk for row in at_hand.connections(request)])
        if len(columns) == 1:
            return queryset.filter(wanted), False
        # By themselves, or the list's order would tempt the database to walk through all rows in that order.
        found = self.model._default_manager.filter(wanted).order_by().values("pk")
        return queryset.filter(pk__in=found), False

    def searched(self, term: str) -> dict[str, str] | None:
        """The key columns that may hold the term, each with what it would begin with; None: nothing is searched."""
        text = term.strip()
        if not text or not self.search_by:
            return None
        return {column: normal(text) for column, normal in self.search_by if normal(text)}

    @property
    def _has_connection(self) -> bool:
        return any(field.name == "connection" for field in self.opts.concrete_fields)

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """Without the connection: a join to so small a table leads the database away from the order's index."""
        named = super().get_list_select_related(request)
        return [one for one in named if one != "connection"] if isinstance(named, (list, tuple)) else named

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of the page with their connections, which the page has read anyway."""
        found = super().get_changelist_instance(request)
        if self._has_connection:
            found.result_list = list(found.result_list)
            known = {row.pk: row for row in at_hand.connections(request)}
            for row in found.result_list:
                if row.connection_id in known:
                    row.connection = known[row.connection_id]
        return found

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A proxy is seen by whoever may see the rows behind it."""
        model = (self.model._meta.concrete_model or self.model)._meta
        return request.user.has_perm(f"{model.app_label}.view_{model.model_name}")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether this person may take the list away as a file."""
        return self.resource_class is not None and self.has_view_permission(request) and may(request.user, "export")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HouseList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        own = {"title": title, "may_export": self.has_export_permission(request)}
        answer: HttpResponse = super().changelist_view(request, {**own, **(extra_context or {})})
        return answer

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        export = path("export/", self.admin_site.admin_view(require_GET(self.export_view)), name=name)
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list with the same tab, filters and search, as a file."""
        return export_door.give(request, LIST, self.opts.label_lower, lambda: self.export_source(request))

    def export_source(self, request: HttpRequest) -> exports.Source:
        """The list as it is filtered. Raises PermissionDenied for whoever may not take it away."""
        if self.resource_class is None or not self.has_export_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).queryset
        return exports.list_source(self.resource_class(), found, str(self.opts.verbose_name_plural))

    def row_or_404(self, request: HttpRequest, pk: int) -> Any:
        """The row, if this person may see it; otherwise the same 404 as for one that doesn't exist."""
        found = self.get_queryset(request).filter(pk=pk).first() if self.has_view_permission(request) else None
        if found is None:
            raise self.not_visible()
        return found

    def not_visible(self) -> Http404:
        """The 404 in plain words."""
        return Http404(str(self.opts.verbose_name))

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: object, object_id: str) -> HttpResponse:
        """Django sends people to the index; we say why there is nothing to see."""
        raise self.not_visible()


def list_of(user: User, label: str, query: Mapping[str, str]) -> exports.Source:
    """A list as it was filtered when the person asked, with what she sees now. Raises PermissionDenied."""
    request = HttpRequest()
    request.method, request.user = "GET", user
    request.GET = QueryDict(urlencode(query))
    found = admin.site._registry.get(apps.get_model(label))
    if not isinstance(found, HouseAdmin):
        raise PermissionDenied
    return found.export_source(request)


exporting.register(LIST, list_of)


class ProgressMixin(HouseAdmin):
    """Adds `<pk>/progress/`: how far a row with `done` and `total` has come, as JSON from the database."""

    ended_states: Sequence[str] = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_progress"
        view = self.admin_site.admin_view(require_GET(self.progress_view))
        return [path("<int:pk>/progress/", view, name=name), *super().get_urls()]

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """state, done, total, moving, sentence, hold."""
        row = self.row_or_404(request, pk)
        return JsonResponse(
            {
                "state": row.state, "done": row.done, "total": row.total, "hold": row.hold,
                "moving": row.state not in self.ended_states, "sentence": row.sentence,
            }
        )  # fmt: skip
