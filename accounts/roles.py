"""The four roles, as a table: what each may do. Applied after migrate; changed in code, reviewed like code."""

from dataclasses import dataclass

from django.apps import AppConfig
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Q

from accounts.models import User

ROOMS = frozenset({"accounts", "syncjobs", "invoicing"})
REP, FINANCE, REVOPS, AUDITOR = "rep", "finance", "revops", "auditor"

_DOCUMENTS = (
    "invoicing.view_deal", "invoicing.view_quote", "invoicing.view_invoice", "invoicing.view_conversion",
    "invoicing.view_account", "invoicing.view_payment", "invoicing.view_creditnote", "invoicing.view_pricedrift",
    "invoicing.view_listprice",
)  # fmt: skip
_RECORDS = ("syncjobs.view_record", "syncjobs.view_link", "syncjobs.view_problem")
_PROOF = ("invoicing.view_proof", "syncjobs.view_attempt")
_RUNS = (
    "syncjobs.view_run",
    "syncjobs.view_entry",
    "syncjobs.view_runpage",
    "syncjobs.view_checkpoint",
    "syncjobs.view_schedule",
)
_SYNC = (
    "syncjobs.view_import",
    "syncjobs.view_comparison",
    "syncjobs.view_difference",
    "syncjobs.view_disappearance",
    "syncjobs.view_duplicate",
    "syncjobs.view_conflict",
    "syncjobs.view_keptvalue",
    "syncjobs.view_plan",
    "syncjobs.view_plannedwrite",
)
_SET_UP = (
    "syncjobs.view_mapping", "syncjobs.view_hint",
    "accounts.view_connection", "accounts.view_exchange", "accounts.view_healthrun", "accounts.view_expiry",
    "accounts.view_retention",
)  # fmt: skip
_TRAIL = ("accounts.view_auditevent", "accounts.view_notice", "accounts.view_user")


@dataclass(frozen=True)
class Role:
    """What a role sees (Django permissions) and may do beyond looking (deeds)."""

    title: str
    permissions: tuple[str, ...]
    deeds: frozenset[str]
    sees_all: bool


ROLES: dict[str, Role] = {
    REP: Role(
        "Sales rep",
        (*_DOCUMENTS, "syncjobs.view_record"),
        frozenset({"convert", "link_product", "ask", "export", "refresh"}),
        False,
    ),
    FINANCE: Role(
        "Finance",
        (*_DOCUMENTS, *_RECORDS, *_RUNS, *_PROOF, *_SYNC),
        frozenset(
            {
                "settle_money",
                "convert",
                "link_product",
                "ask",
                "decide",
                "bill_anyway",
                "export",
                "prove",
                "refresh",
                "stop_automatic",
            }  # fmt: skip
        ),
        True,
    ),
    REVOPS: Role(
        "RevOps administrator",
        (
            *_DOCUMENTS,
            *_RECORDS,
            *_RUNS,
            *_PROOF,
            *_SYNC,
            *_SET_UP,
            *_TRAIL,
            "accounts.add_user",
            "accounts.change_user",
        ),
        frozenset(
            {
                "connect",
                "map",
                "settle",
                "settle_money",
                "run",
                "schedule",
                "retain",
                "decide",
                "link_product",
                "export",
                "stop_writes",
                "automate",
                "stop_automatic",
                "prove",
                "refresh",
            }
        ),
        True,
    ),
    AUDITOR: Role(
        "Auditor", (*_DOCUMENTS, *_RECORDS, *_RUNS, *_PROOF, *_SYNC, *_SET_UP, *_TRAIL), frozenset({"export"}), True
    ),
}


def roles_of(user: User | AnonymousUser) -> list[Role]:
    """The roles of a person; none when not logged in or deactivated."""
    if not user.is_authenticated or not user.is_active:
        return []
    found: list[Role] | None = getattr(user, "_roles", None)
    if found is None:
        names = set(user.groups.values_list("name", flat=True))
        found = [role for name, role in ROLES.items() if name in names]
        setattr(user, "_roles", found)  # noqa: B010  (a lazy user hands it to the one behind it)
    return found


def role_names(user: User | AnonymousUser) -> list[str]:
    """The names of a person's roles."""
    found = roles_of(user)
    return [name for name, role in ROLES.items() if role in found]


def may(user: User | AnonymousUser, deed: str) -> bool:
    """Whether the person may do the deed (convert, decide, connect, ...)."""
    return any(deed in role.deeds for role in roles_of(user))


def sees_all(user: User | AnonymousUser) -> bool:
    """Whether the person sees the deals of all reps."""
    return any(role.sees_all for role in roles_of(user))


def apply_roles(sender: AppConfig, **kwargs: object) -> None:
    """Bring the groups to the table, after each app with permissions of ours was migrated."""
    if sender.name not in ROOMS:
        return
    for name, role in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        wanted = Q(pk=None)
        for permission in role.permissions:
            app, codename = permission.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))
