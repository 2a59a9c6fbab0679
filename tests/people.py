"""The house's people: Ada and Raj sell, Ben is finance, Cy administers, Dee audits; and a visitor who is nobody."""

from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User

ROLES = {"ada": "rep", "raj": "rep", "ben": "finance", "cy": "revops", "dee": "auditor"}


def person(name: str) -> User:
    """That person, made when she isn't there yet; a rep's CRM user is u-<name>."""
    user, made = User.objects.get_or_create(username=name, defaults={"first_name": name.title(), "is_staff": True})
    if made:
        user.set_unusable_password()
    user.crm_user_id, user.is_staff = (f"u-{name}" if ROLES[name] == "rep" else ""), True
    user.save()
    user.groups.set([Group.objects.get(name=ROLES[name])])
    return user


def browser(name: str = "") -> Client:
    """A browser in which that person is logged in; without a name, a visitor's."""
    client = Client()
    if name:
        client.force_login(person(name))
    return client
