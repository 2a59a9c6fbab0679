"""Which columns the lists of this room have as files; never a secret."""

from import_export.resources import ModelResource

from accounts.models import AuditEvent, Exchange, Expiry, HealthRun, Notice, User


class UserResource(ModelResource):
    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "is_active", "last_login")


class AuditEventResource(ModelResource):
    class Meta:
        model = AuditEvent
        fields = ("at", "actor", "verb", "subject_kind", "subject_id", "sentence", "hash")


class ExchangeResource(ModelResource):
    class Meta:
        model = Exchange
        fields = (
            "started_at", "side", "method", "template", "priority", "milliseconds", "status", "code", "outcome",
            "request_id",
        )  # fmt: skip


class NoticeResource(ModelResource):
    class Meta:
        model = Notice
        fields = ("created_at", "role", "title", "text")


class HealthRunResource(ModelResource):
    class Meta:
        model = HealthRun
        fields = ("connection", "system", "started_at", "ended_at", "trigger", "state", "calls", "sentence")


class ExpiryResource(ModelResource):
    class Meta:
        model = Expiry
        fields = ("kind", "name", "ends_on", "connection", "who", "note", "done_at")
