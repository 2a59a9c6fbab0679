"""What a person may see comes from the table of roles in the code, not from two more look-ups on every page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.roles import roles_of


class RoleBackend(ModelBackend):
    """Passwords as Django's own; permissions by role. Permissions that were given to one person are not looked at."""

    def _get_permissions(self, user_obj: User | AnonymousUser, obj: Any, from_name: str) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if user_obj.is_superuser:
            found: set[str] = super()._get_permissions(user_obj, obj, from_name)  # type: ignore[misc]
            return found
        return {one for role in roles_of(user_obj) for one in role.permissions} if from_name == "group" else set()
