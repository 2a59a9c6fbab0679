"""The one door: allauth's log-in (rate limits, lock-out) in our own frame; no sign-up behind it."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib import admin

from accounts.models import Connection
from zbridge.site.demo import cards, demo_is_open


class HouseLogin(LoginView):
    """Log in by name or e-mail and password."""

    template_name = "admin/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        demo = demo_is_open(self.request, list(Connection.objects.all()))
        shown = [card for card in cards() if card.username != "raj"] if demo else []
        return {**admin.site.each_context(self.request), **found, "title": "Sign in", "cards": shown}
