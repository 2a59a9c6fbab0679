"""Who may look and who may do: the guards of all composed pages, and their frame."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.roles import may
from accounts.scope import visible

View = Callable[..., HttpResponse]
Row = TypeVar("Row", bound=Model)


def looking(view: View) -> View:
    """For people with a role; each row is scoped by itself."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
        person(request)
        return view(request, **kwargs)

    return login_required(require_GET(guarded))


def doing(deed: str) -> Callable[[View], View]:
    """Only by POST, and only for those who may do the deed."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
            if not may(request.user, deed):
                raise PermissionDenied
            return view(request, **kwargs)

        return login_required(require_POST(guarded))

    return guard


def person(request: HttpRequest) -> User:
    """The one who is logged in."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        raise PermissionDenied
    return request.user


def allowed(request: HttpRequest, right: str) -> User:
    """The one who is logged in, if her role has that right; 403 otherwise."""
    user = person(request)
    if not user.has_perm(right):
        raise PermissionDenied
    return user


def seen(request: HttpRequest, model: type[Row], **wanted: object) -> Row:
    """The row, if this person may see it; the same 404 whether it is hers to see or not there at all."""
    found = visible(person(request), model._default_manager.filter(**wanted)).first()
    if found is None:
        raise Http404(model._meta.verbose_name)
    return found


def page(request: HttpRequest, template: str, title: str, **context: object) -> HttpResponse:
    """A page inside the site's frame."""
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})
