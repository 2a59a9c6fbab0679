"""Pages for what can't be shown, in plain words; the same words whether a thing exists or isn't yours."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from syncjobs.models import Checkpoint
from zbridge.site.log_lines import reference

NOTHING = "There is no such page. What you look for may have moved; the search at the top finds it by name or number."
FORBIDDEN = "Your role doesn't open this page. Whoever looks after zbridge can tell you who may."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a deal gets the sentence of deals, so that a rep knows why, and nobody learns what exists."""
    word = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    if word == "deal" and request.user.is_authenticated:
        check = f"{request.path.rstrip('/')}/check/" if request.path.startswith("/go/deal/") else ""
        page = ("You can't open this deal", _deal_sentence(), "/admin/invoicing/deal/", "Your deals")
        return _page(request, 404, *page, check=check)
    if word.isalpha() and request.user.is_authenticated:
        said = "It isn't among those that zbridge shows you. The search at the top finds what you may see."
        return _page(request, 404, f"You can't open this {word}", said)
    return _page(request, 404, "Nothing here", NOTHING)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    said = str(exception) if exception.args and str(exception) else FORBIDDEN
    return _page(request, 403, "Not for your role", said)


def broken(request: HttpRequest) -> HttpResponse:
    """500: nothing that could fail again."""
    return render(None, "500.html", {"reference": reference()}, status=500)


def _deal_sentence() -> str:
    read = Checkpoint.objects.filter(kind="deal").exclude(read_at=None).values_list("read_at", flat=True).first()
    when = f", last read {timezone.localtime(read):%H:%M}" if read else ""
    return (
        f"You can't open this deal: zbridge shows you the deals that CRM lists as yours{when}. "
        "If it was just given to you, it appears with the next reading."
    )


def _page(
    request: HttpRequest, status: int, title: str, sentence: str, link: str = "/admin/", text: str = "Go to Today",
    check: str = "",
) -> HttpResponse:  # fmt: skip
    found: dict[str, Any] = {"title": title, "sentence": sentence, "link": link, "text": text, "check": check}
    if not admin.site.has_permission(request):
        return render(request, "outside.html", found, status=status)
    return render(request, "admin/refused.html", {**admin.site.each_context(request), **found}, status=status)
