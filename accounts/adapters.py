"""What allauth may do here: log in, never sign up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NoSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Users are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
