"""The one scoping function: which rows of a model a person sees, on every path (list, page, search, export, JSON)."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet

from accounts.models import User
from accounts.roles import roles_of, sees_all

Row = TypeVar("Row", bound=Model)
Rule = Callable[[User, "QuerySet[Model]"], "QuerySet[Model]"]

_rules: dict[type[Model], Rule] = {}


def register(model: type[Model], rule: Rule) -> None:
    """Say what a rep sees of a model; apps do it when they are ready. A model without a rule shows a rep nothing."""
    _rules[model] = rule


def visible(user: User | AnonymousUser, rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """The rows that this person may see."""
    if not roles_of(user):
        return rows.none()
    if sees_all(user):
        return rows
    rule = _rules.get(rows.model) or _rules.get(rows.model._meta.concrete_model or rows.model)
    return rule(user, rows) if rule and isinstance(user, User) else rows.none()  # type: ignore[return-value]
