"""The auditor's list of proofs, and the page of one: what was compared, what was found, when."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.roles import may
from invoicing.models import Conversion, Proof
from invoicing.resources import ProofResource

KINDS = {
    "doubled": "Billed twice", "orphan": "Not made here", "lost": "Invoice missing in Books",
    "no_intent": "Sent without being written down", "other_payload": "Posted something else than was frozen",
    "stuck": "Forgotten on its way",
}  # fmt: skip


@admin.register(Proof)
class ProofAdmin(HouseAdmin):
    """Every scan of both sides, newest first."""

    resource_class = ProofResource
    list_display = ("when", "how_it_ended", "said", "keys", "conversions", "attempts", "look_ups", "why")
    list_display_links = ("when",)
    list_select_related = ("user",)
    left_out = ("place",)
    empty_sentence = (
        "Nothing was proved yet. The first proof runs in the night; RevOps and finance can ask for one now."
    )
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("failed", "Found something", lambda rows: rows.exclude(violations=[])),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        top = ("Prove it now", reverse("documents:prove")) if may(request.user, "prove") else None
        return super().changelist_view(request, {"top_action": top, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.change_form_template = "admin/invoicing/proof.html"
        row = self.get_object(request, object_id)
        shown = proof_page(row) if isinstance(row, Proof) else {}
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})
        return answer

    @display(description="Asked for", ordering="requested_at")
    def when(self, row: Proof) -> str:
        return showing.when(row.requested_at)

    @display(description="Verdict", label={"passed": "success", "failed": "danger", "moving": "info"})
    def how_it_ended(self, row: Proof) -> tuple[str, str]:
        return tone(row)

    @display(description="In words")
    def said(self, row: Proof) -> str:
        return row.verdict

    @display(description="Asked for by")
    def why(self, row: Proof) -> str:
        return str(row.user) if row.user else row.get_trigger_display()


def tone(proof: Proof) -> tuple[str, str]:
    """Its state and the word for it."""
    if proof.ended_at is None:
        return "moving", "Under way"
    return ("failed", "Contradicted") if proof.violations else ("passed", "Proved")


def proof_page(proof: Proof) -> dict[str, Any]:
    """What the page shows, from our own tables."""
    state, word = tone(proof)
    keys = [one["key"] for one in proof.violations]
    known = dict(Conversion.objects.filter(connection_id=proof.connection_id, key__in=keys).values_list("key", "pk"))
    found = [
        {"kind": KINDS.get(one["kind"], one["kind"]), "key": one["key"], "detail": one["detail"],
         "conversion": known.get(one["key"])}
        for one in proof.violations
    ]  # fmt: skip
    facts = [
        ("Invoices in Books", proof.invoices), ("Keys on live invoices", proof.keys),
        ("Conversions here", proof.conversions), ("Attempts to create one", proof.attempts),
        ("Look-ups after lost answers", proof.look_ups), ("Adopted after a lost answer", proof.adopted),
        ("Books calls", proof.calls),
    ]  # fmt: skip
    tones = {"passed": "success", "failed": "danger", "moving": "info"}
    return {"title": str(proof), "proof": proof, "tone": tones[state], "word": word, "facts": facts, "found": found}
