"""The first administrator of an installation, and the way back in when nobody is left who may make users."""

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.roles import REVOPS
from zbridge.clock import Clock


def make_administrator(username: str, email: str, password: str, clock: Clock) -> tuple[User, bool]:
    """A RevOps administrator of that name, and whether she is new; one who is there gets role and password anew.

    Raises ValidationError for a password that is too weak. Whoever runs it has a shell, so the trail names zbridge.
    """
    user, made = User.objects.get_or_create(username=username, defaults={"email": email})
    validate_password(password, user)
    with transaction.atomic():
        user.is_active = user.is_staff = True
        user.email = email or user.email
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=REVOPS))
        said = f"{'Made' if made else 'Restored'} the administrator {username} from a shell."
        audit.record(None, "administrator", said, clock=clock, subject=("user", str(user.pk)))
    return user, made
