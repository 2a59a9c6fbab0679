"""The house's middleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class HouseMiddleware:
    """Adds no-store to what a logged-in person sees."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
