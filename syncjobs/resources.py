"""Which columns the lists of this room have as files."""

from import_export.resources import ModelResource

from syncjobs.models import (
    Attempt,
    Comparison,
    Conflict,
    Difference,
    Disappearance,
    Duplicate,
    Entry,
    KeptValue,
    Link,
    Plan,
    PlannedWrite,
    Problem,
    Record,
    Run,
)

READ = ("state", "done", "created", "updated", "unchanged", "refused", "skipped", "failed", "conflicts")


class RunResource(ModelResource):
    class Meta:
        model = Run
        fields = (
            "id",
            "kind",
            "full",
            "trigger",
            "requested_at",
            "ended_at",
            *READ,
            "writes",
            "calls_crm",
            "calls_books",
            "sentence",
        )


class EntryResource(ModelResource):
    class Meta:
        model = Entry
        fields = ("run", "kind", "remote_id", "name", "outcome", "before", "after", "cause", "at")


class PlannedWriteResource(ModelResource):
    class Meta:
        model = PlannedWrite
        fields = (
            "plan__run", "plan", "position", "name", "side", "remote_id", "changes", "outcome", "sentence", "ended_at",
        )  # fmt: skip


class ComparisonResource(ModelResource):
    class Meta:
        model = Comparison
        fields = (
            "pair", "at", "complete", "crm", "books", "linked", "only_crm", "only_books", "left_out_crm",
            "left_out_books", "differing", "broken", "sentence",
        )  # fmt: skip


class DifferenceResource(ModelResource):
    class Meta:
        model = Difference
        fields = ("what", "name", "crm_id", "books_id", "detail", "fix")


class DisappearanceResource(ModelResource):
    class Meta:
        model = Disappearance
        fields = (
            "kind", "remote_id", "name", "state", "seen_at", "gone_at", "deleted_by", "decision", "ended_at"
        )  # fmt: skip


class DuplicateResource(ModelResource):
    class Meta:
        model = Duplicate
        fields = (
            "id", "name", "where", "in_crm", "in_books", "score", "reasons", "state", "found_at", "seen_at",
            "decided_at", "said",
        )  # fmt: skip


class CustomerResource(ModelResource):
    class Meta:
        model = Record
        fields = ("remote_id", "name", "email", "currency", "outstanding", "credits", "active", "read_at")


class ProductResource(ModelResource):
    class Meta:
        model = Record
        fields = ("remote_id", "name", "code", "price", "currency", "active", "read_at")


class LinkResource(ModelResource):
    class Meta:
        model = Link
        fields = (
            "pair", "crm_kind", "crm_id", "books_id", "currency", "how", "reason", "made_at", "fault", "fault_why",
            "fault_since",
        )  # fmt: skip


class ProblemResource(ModelResource):
    class Meta:
        model = Problem
        fields = ("opened_at", "cause", "subject_kind", "subject_id", "subject_name", "who", "sentence", "closed_at")


class AttemptResource(ModelResource):
    class Meta:
        model = Attempt
        fields = (
            "started_at", "purpose", "key", "number", "ended_at", "outcome", "status", "code", "request_id",
            "remote_id", "conclusion", "payload_hash",
        )  # fmt: skip


class ConflictResource(ModelResource):
    class Meta:
        model = Conflict
        fields = (
            "pair", "name", "field", "base", "crm", "crm_at", "books", "books_at", "opened_at", "closed_at", "decision",
            "value",
        )  # fmt: skip


class KeptValueResource(ModelResource):
    class Meta:
        model = KeptValue
        fields = ("pair", "name", "field", "side", "value", "instead", "why", "rule", "at", "restored_at")


class PlanResource(ModelResource):
    class Meta:
        model = Plan
        fields = (
            "id", "pair", "state", "digest", "read_crm", "read_books", "unchanged", "calls_crm", "calls_books",
            "made_at", "applied_at",
        )  # fmt: skip
