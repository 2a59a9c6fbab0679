"""The list of draft invoices: what needs attention first."""

from django.contrib import admin
from django.db.models import F, Q
from unfold.decorators import display

from accounts import showing
from accounts.holds import ENDED_BY_REVOPS
from accounts.house_list import Tab
from accounts.models import HoldCause
from invoicing.models import Conversion
from invoicing.models.conversions import LIVE
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import ConversionResource

State = Conversion.State
STATES = {
    State.REQUESTED: "info", State.PREPARED: "info", State.SENDING: "info", State.UNKNOWN: "warning",
    State.DRAFTED: "success", State.DONE: "success", State.REVIEW: "danger", State.REFUSED: "danger",
    State.CANCELLED: "warning", State.SUPERSEDED: "warning",
}  # fmt: skip
ATTENTION = (
    Q(state__in=[State.REVIEW, State.UNKNOWN])
    | ~Q(needs_finance="")
    | ~Q(hold="")
    | ~Q(drift="") & ~Q(drift=F("drift_left"))
)


WHO = {"rep": "Sales", "finance": "Finance", "revops": "RevOps"}


@admin.register(Conversion)
class ConversionAdmin(PagedAdmin):
    """What needs attention first: the cause in words, money, age, who must act."""

    page = "documents:conversion"
    resource_class = ConversionResource
    left_out = ("payload",)
    list_display = ("of_sale", "how_it_stands", "cause", "worth", "asked", "who")
    list_select_related = ("connection", "deal", "quote", "requested_by")
    search_by = (("invoice_number", str.strip), ("key", str.strip))
    search_help_text = "Invoice number or key"
    empty_sentence = "Nothing waits."
    list_filter = ("hold_cause",)
    tabs = (
        Tab("attention", "Needs attention", lambda rows: rows.filter(ATTENTION, state__in=LIVE)),
        Tab("held", "Held", lambda rows: rows.filter(state__in=LIVE).exclude(hold="")),
        Tab("moving", "Under way", lambda rows: rows.filter(state__in=["requested", "prepared", "sending", "unknown"])),
        Tab("done", "Done", lambda rows: rows.filter(state__in=[State.DONE, State.DRAFTED])),
        Tab("found", "Taken over", lambda rows: rows.filter(requested_via="found")),
        Tab("refused", "Refused", lambda rows: rows.filter(state__in=[State.REFUSED, State.CANCELLED])),
        Tab("all", "All", lambda rows: rows.order_by(F("pk").desc())),
    )

    @display(description="Sale")
    def of_sale(self, row: Conversion) -> str:
        return str(row.deal or row.quote)

    @display(description="State", ordering="state", label=STATES)
    def how_it_stands(self, row: Conversion) -> tuple[str, str]:
        if _departs(row):
            return State.REVIEW, State.REVIEW.label
        return row.state, row.get_state_display()

    @display(description="What happened")
    def cause(self, row: Conversion) -> str:
        said = str(row.problems[0].get("message", "")) if row.problems else ""
        return said or row.hold or row.needs_finance or row.drift or row.invoice_number or "–"

    @display(description="Total")
    def worth(self, row: Conversion) -> str:
        amount = row.total if row.total is not None else row.expected_total
        return showing.money(amount, row.currency)

    @display(description="Asked for", ordering="requested_at")
    def asked(self, row: Conversion) -> str:
        return showing.when(row.requested_at)

    @display(description="Who must act")
    def who(self, row: Conversion) -> str:
        names = {str(problem.get("who", "")) for problem in row.problems}
        names |= {"revops"} if row.hold_cause in ENDED_BY_REVOPS else set()
        names |= {"rep"} if row.hold_cause == HoldCause.LOCKED else set()
        names |= {"finance"} if row.needs_finance or _departs(row) else set()
        said = ", ".join(WHO[name] for name in sorted(names & WHO.keys()))
        moves = row.hold or row.state not in (State.DONE, State.REFUSED, State.CANCELLED, State.SUPERSEDED)
        return said or ("Nobody: zbridge goes on by itself" if moves else "Nobody")


def _departs(row: Conversion) -> bool:
    """Whether what stands in Books departs from the sale, and nobody has left it so."""
    return row.drift not in ("", row.drift_left)
