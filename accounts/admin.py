"""Lists of this room: users, the audit trail, the messages, and the calls to Zoho."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from accounts import audit, delivering, health_admin, showing  # noqa: F401  (registers its lists)
from accounts.clients import seams
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.models import AuditEvent, Connection, Exchange, Notice, User
from accounts.resources import AuditEventResource, ExchangeResource, NoticeResource, UserResource
from accounts.roles import ROLES, role_names


def _crm_users() -> list[tuple[str, str]]:
    """The people of CRM by name, as last read when connecting; nobody types an id."""
    rows = [row for found in Connection.objects.all() for row in found.crm_users]
    named = sorted({(str(row["id"]), f"{row['name']} ({row['email']})") for row in rows}, key=lambda one: one[1])
    return [("", "Nobody in CRM"), *named]


class RoleForm(UserChangeForm):
    """A user with her roles by their titles."""

    class Meta(UserChangeForm.Meta):
        model = User
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "crm_user_id" in self.fields:
            self.fields["crm_user_id"] = ChoiceField(
                label="CRM user", choices=_crm_users, required=False, widget=UnfoldAdminSelectWidget(),
                help_text="A rep sees the deals of this CRM user.",
            )  # fmt: skip
        if "is_active" in self.fields:
            self.fields["is_active"].help_text = "Switch it off instead of deleting: the audit trail keeps the name."
        if "groups" in self.fields:
            field = self.fields["groups"]
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget()
            field.queryset = Group.objects.filter(name__in=ROLES)
            field.label, field.help_text = "Roles", "What this person sees and may do."
            field.label_from_instance = lambda group: ROLES[group.name].title


@admin.register(User)
class HouseUserAdmin(HouseAdmin, UserAdmin):  # type: ignore[type-arg, misc]
    """People who log in; they are deactivated, never deleted, so that the audit trail keeps its names."""

    form = RoleForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    resource_class = UserResource
    list_display = ("username", "full_name", "roles", "is_active", "last_seen")
    list_filter = ()
    search_by = (("username", str.lower), ("email", str.lower))
    search_help_text = "User name or e-mail"
    ordering = ("username",)
    readonly_fields = ("password_page", "last_login", "date_joined")
    filter_horizontal = ()
    tabs = (
        Tab("active", "Active", lambda rows: rows.filter(is_active=True)),
        Tab("inactive", "Deactivated", lambda rows: rows.filter(is_active=False)),
        Tab("all", "All", lambda rows: rows),
    )
    fieldsets = (
        (None, {"fields": ("username", "password_page", "first_name", "last_name", "email")}),
        ("What this person may do", {"fields": ("groups", "is_active", "crm_user_id", "time_zone")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_user")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("accounts.change_user")

    @display(description="Password")
    def password_page(self, row: User) -> str:
        link = '<a class="house-button" href="{}">Set a new password</a>'
        return format_html(link, reverse("admin:auth_user_password_change", args=[row.pk]))

    @display(description="Name")
    def full_name(self, row: User) -> str:
        return row.get_full_name() or "–"

    @display(description="Roles")
    def roles(self, row: User) -> str:
        names = {group.name for group in row.groups.all()}
        return ", ".join(role.title for name, role in ROLES.items() if name in names) or "None yet"

    @display(description="Last log-in", ordering="last_login")
    def last_seen(self, row: User) -> str:
        return showing.when(row.last_login)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who is changed to what stands in the audit trail; a person with a role may enter."""
        super().save_related(request, form, formsets, change)
        row: User = form.instance
        row.is_staff = row.groups.exists() or row.is_superuser
        row.save(update_fields=["is_staff"])
        said = f"{'Changed' if change else 'Added'} user {row.username}."
        detail = {"roles": role_names(row), "active": row.is_active, "fields": form.changed_data}
        person = request.user if isinstance(request.user, User) else None
        audit.record(person, "user", said, clock=seams().clock, subject=("user", str(row.pk)), detail=detail)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Django's own log is not kept: there are three histories, no fourth."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """As with additions."""


@admin.register(AuditEvent)
class AuditEventAdmin(HouseAdmin):
    """What people did, newest first."""

    resource_class = AuditEventResource
    list_display = ("what", "who", "time")
    search_by = (("verb", str.lower), ("subject_id", str))
    search_help_text = "Deed or id"
    left_out = ("detail",)
    fields = ("at", "actor", "verb", "sentence", "subject_kind", "subject_id", "detail", "previous_hash", "hash")
    empty_sentence = "Nobody has changed anything yet."

    @display(description="When", ordering="at")
    def time(self, row: AuditEvent) -> str:
        return showing.when(row.at)

    @display(description="Who", ordering="actor")
    def who(self, row: AuditEvent) -> str:
        return row.actor

    @display(description="What happened")
    def what(self, row: AuditEvent) -> str:
        return row.sentence


@admin.register(Notice)
class NoticeAdmin(HouseAdmin):
    """What people were told."""

    resource_class = NoticeResource
    list_display = ("title", "text", "for_whom", "how_sent", "time")
    list_select_related = ("user",)
    fields = ("created_at", "title", "text", "role", "user", "how_sent")
    readonly_fields = ("how_sent",)
    empty_sentence = "Nothing had to be told."

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Notice]":
        found: QuerySet[Notice] = super().get_queryset(request)
        return found.prefetch_related("deliveries__user")

    @display(description="How it was sent")
    def how_sent(self, row: Notice) -> str:
        return "; ".join(delivering.said(one) for one in row.deliveries.all()) or "Only shown in zbridge"

    @display(description="When", ordering="created_at")
    def time(self, row: Notice) -> str:
        return showing.when(row.created_at)

    @display(description="To")
    def for_whom(self, row: Notice) -> str:
        role = ROLES.get(row.role)
        return str(row.user) if row.user else role.title if role else "Everybody"


@admin.register(Exchange)
class ExchangeAdmin(HouseAdmin):
    """Every call to Zoho and how it ended; no body, no token, no personal datum."""

    resource_class = ExchangeResource
    list_display = ("template", "method", "of_side", "priority", "status", "outcome", "milliseconds", "time")
    ordering = ("-pk",)
    search_by = (("request_id", str), ("template", str))
    search_help_text = "Request id or address"
    fields = (
        "started_at", "side", "method", "template", "priority", "milliseconds", "status", "code", "outcome",
            "request_id",
    )  # fmt: skip
    empty_sentence = "No call to Zoho was made yet."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("trouble", "Failed or unclear", lambda rows: rows.exclude(outcome="OK")),
        Tab("crm", "CRM", lambda rows: rows.filter(side="crm")),
        Tab("books", "Books", lambda rows: rows.filter(side="books")),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Calls to Zoho", **(extra_context or {})})

    @display(description="Side", ordering="side")
    def of_side(self, row: Exchange) -> str:
        return {"crm": "CRM", "books": "Books"}.get(row.side, "Log-in")

    @display(description="When", ordering="started_at")
    def time(self, row: Exchange) -> str:
        return showing.when(row.started_at)
