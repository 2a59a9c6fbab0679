"""The intent log for the auditor: every call that creates something, as it was written down before it was made."""

from django.contrib import admin
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from syncjobs.models import Attempt
from syncjobs.resources import AttemptResource

UNCLEAR = ("", "UNKNOWN")


@admin.register(Attempt)
class AttemptAdmin(HouseAdmin):
    """What was asked, what came back, what was concluded; the bodies stay on the sale's own page."""

    resource_class = AttemptResource
    list_display = ("what", "key", "number", "asked_at", "how_it_ended", "conclusion")
    list_display_links = ("what",)
    left_out = ("asked",)
    ordering = ("-pk",)
    search_by = (("key", str.upper), ("remote_id", str))
    search_help_text = "Key, such as ZB-..., or the id in Books"
    fields = (
        "purpose", "key", "number", "started_at", "ended_at", "outcome", "conclusion", "remote_id", "status", "code",
        "request_id", "payload_hash", "epoch",
    )  # fmt: skip
    empty_sentence = "Nothing was ever sent to Books from here."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("unclear", "Answer lost", lambda rows: rows.filter(outcome__in=UNCLEAR)),
        Tab("refused", "Did nothing", lambda rows: rows.filter(outcome="FAIL")),
    )

    @display(description="What", ordering="purpose")
    def what(self, row: Attempt) -> str:
        return row.get_purpose_display()

    @display(description="Asked", ordering="started_at")
    def asked_at(self, row: Attempt) -> str:
        return showing.when(row.started_at)

    @display(description="Answer", label={"OK": "success", "FAIL": "info", "UNKNOWN": "warning", "": "warning"})
    def how_it_ended(self, row: Attempt) -> tuple[str, str]:
        said = {"OK": "Done", "FAIL": "Surely did nothing", "UNKNOWN": "Lost", "": "None yet"}
        return row.outcome, said.get(row.outcome, row.outcome)
