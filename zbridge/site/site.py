"""The admin site: only our own rooms, opened by role; Today as its first page, one search, no stock lists."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from accounts.roles import ROOMS, roles_of
from zbridge.site import house
from zbridge.site.searching import search_page
from zbridge.site.today import today_page

NO_ROLE = "Your user has no role yet. A RevOps administrator can give you one under Users."


class HouseSite(UnfoldAdminSite):
    """The default admin site."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Libraries register pages of their own (q2's could run any function); only our rooms have pages."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        for model in models:
            if model._meta.app_label in ROOMS:
                super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has a role enters; a superuser too, to give the first roles."""
        return bool(roles_of(request.user)) or (request.user.is_active and request.user.is_superuser)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Visitors log in; those who did and have no role are told so, instead of being sent to log in again."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(NO_ROLE)
            answer: HttpResponse = guarded(request, *args, **kwargs)
            return answer

        return inner

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """No stock list of apps anywhere."""
        return []

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        """There are no pages per app."""
        raise Http404

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page is given."""
        return {**super().each_context(request), **house.context(request)}

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Today."""
        return TemplateResponse(request, "admin/today.html", {**self.each_context(request), **today_page(request)})

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One search over deals, accounts, invoices and quotes, by name or number."""
        return TemplateResponse(request, "admin/search.html", {**self.each_context(request), **search_page(request)})
