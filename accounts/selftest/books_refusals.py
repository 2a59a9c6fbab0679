"""Questions to Books about what it refuses, or computes its own way; on marked test records."""

from decimal import Decimal
from typing import Any

from accounts.selftest import marked
from accounts.selftest.bench import NAME, Answer, Bench, PersonFirst, told, untold
from zbridge.zoho.probing import Seen

NO_DRAFT = "Books refused the test draft."
HUNDRED, TEN = 100, 10


def _refusal(seen: Seen, what: str) -> Answer:
    if seen.ok:
        return told(False, "accepted", f"Books accepts {what}.")
    said = f"Books refuses {what}: status {seen.status}, code {seen.code}."
    return Answer("yes", "refused", said)


def _code(seen: Seen, what: str) -> Answer:
    if seen.ok:
        return told(False, "accepted", f"Books accepts {what}.")
    return Answer("yes", f"{seen.status}_code_{seen.code}", f"Books refuses {what}: {seen.status}, code {seen.code}.")


def potential_id(bench: Bench) -> Answer:
    """Whether a CRM deal's id sent with a new invoice is stored."""
    # An id that no deal has: a real one would make that deal look billed.
    made = marked.draft(bench, marked.body(bench, zcrm_potential_id="1"))
    if not made.ok:
        return Answer("other", f"{made.status}_code_{made.code}", "Books refuses an invoice with an unknown deal's id.")
    read = bench.books("/books/v3/invoices/{id}", id=str(made.one("invoice")["invoice_id"])).one("invoice")
    is_stored = str(read.get("zcrm_potential_id") or "") == "1"
    said = f"A deal's id sent with a new invoice is {'stored' if is_stored else 'ignored'}."
    return told(is_stored, "stored" if is_stored else "ignored", said)


def duplicate_number(bench: Bench) -> Answer:
    """Whether an invoice number that exists is refused."""
    made = bench.marks.get("draft")
    if not made:
        return untold(NO_DRAFT)
    sent = marked.body(bench, invoice_number=made["number"])
    return _refusal(marked.draft(bench, sent, ignore_auto_number_generation="true"), "an invoice number that exists")


def duplicate_name(bench: Bench) -> Answer:
    """Whether a customer's name that exists is refused."""
    marked.customer(bench)
    seen = bench.create("books", "/books/v3/contacts", {"contact_name": NAME, "contact_type": "customer"})
    if seen.ok:
        bench.leave("Books, customers", f"a second {NAME}")
    return _refusal(seen, "a second customer of the same name")


def duplicate_sku(bench: Bench) -> Answer:
    """Whether an item's SKU that exists is refused."""
    if not marked.item(bench):
        return untold("Books refused the test item.")
    sent = marked.item_body(f"{NAME} {bench.marks['tag']}", marked.SKU)
    seen = bench.create("books", "/books/v3/items", sent)
    if seen.ok:
        bench.leave("Books, items", str(sent["name"]))
    return _refusal(seen, "a second item with the same SKU")


def other_currency(bench: Bench) -> Answer:
    """Whether an invoice in another currency than the customer's is refused."""
    others = [row for row in bench.connection.currencies if not row["base"]]
    if not others:
        return untold("Books has one currency only.")
    seen = marked.draft(bench, marked.body(bench, currency_id=others[0]["id"]))
    return _refusal(seen, "an invoice in another currency than the customer's")


def unknown_tax(bench: Bench) -> Answer:
    """How a tax that isn't there is refused."""
    lines = [{"name": NAME, "rate": 1, "quantity": 1, "tax_id": "1"}]
    return _code(marked.draft(bench, marked.body(bench, line_items=lines)), "a tax that isn't there")


def no_lines(bench: Bench) -> Answer:
    """How an invoice without lines is refused."""
    return _code(marked.draft(bench, marked.body(bench, line_items=[])), "an invoice without lines")


def discount_order(bench: Bench) -> Answer:
    """Whether Books takes a document's discount off before or after tax as it is told."""
    tax = next((row for row in bench.connection.taxes if Decimal(row["percentage"]) > 0 and not row["parts"]), None)
    if tax is None:
        return untold("Books has no tax to see it by.")
    rate = Decimal(tax["percentage"]) / HUNDRED
    before, after = (HUNDRED - TEN) * (1 + rate), HUNDRED * (1 + rate) - TEN
    totals = [_discounted(bench, str(tax["id"]), is_before) for is_before in (True, False)]
    if None in totals:
        return untold(NO_DRAFT)
    near = [
        ("before" if abs(total - before) < abs(total - after) else "after") for total in totals if total is not None
    ]
    word = near[0] if near[0] == near[1] else "as_sent" if near == ["before", "after"] else "crossed"
    said = (
        "as it is told" if word == "as_sent" else f"always {word} tax" if word != "crossed" else "the other way round"
    )
    return Answer("yes" if word == "as_sent" else "other", word, f"Books takes a document's discount off {said}.")


def _discounted(bench: Bench, tax_id: str, before: bool) -> Decimal | None:
    lines = [{"name": NAME, "rate": HUNDRED, "quantity": 1, "tax_id": tax_id}]
    sent = marked.body(
        bench, line_items=lines, discount=TEN, discount_type="entity_level", is_discount_before_tax=before,
    )  # fmt: skip
    made = marked.draft(bench, sent).one("invoice")
    return Decimal(str(made["total"])) if made.get("total") is not None else None


def after_void(bench: Bench) -> Answer:
    """Whether a void or deleted invoice still holds the value of its key."""
    found = [_let_go(bench, name) for name in ("to void", "to delete")]
    words = {(False, True): "void_holds", (True, True): "void_frees", (False, False): "deleted_holds"}
    word = words.get((found[0], found[1]), "deleted_holds")
    said = {
        "void_holds": "A void invoice holds its key, a deleted one frees it.",
        "void_frees": "A void or deleted invoice frees its key.",
        "deleted_holds": "Even a deleted invoice holds its key.",
    }[word]
    return Answer("yes" if word == "void_holds" else "other", word, said)


def _let_go(bench: Bench, name: str) -> bool:
    """Whether the value passes again once a person has voided or deleted its draft."""
    draft = bench.marks[name]
    read = bench.books("/books/v3/invoices/{id}", id=draft["id"])
    status = str(read.one("invoice").get("status") or "gone")
    wanted = "void" if name == "to void" else "gone"
    if status != wanted:
        raise PersonFirst(f"Draft {draft['number']} is still “{status}” in Books.")
    return marked.draft(bench, marked.body(bench, key=draft["key"])).ok


def inactive_customer(bench: Bench) -> Answer:
    """Whether an invoice for an inactive customer is refused."""
    second = marked.customer(bench, marked.SECOND)
    _must_be_inactive(bench, "/books/v3/contacts/{id}", "contact", second)
    return _refusal(marked.draft(bench, marked.body(bench, customer_id=second)), "an invoice for an inactive customer")


def inactive_item(bench: Bench) -> Answer:
    """Whether an invoice with an inactive item is refused."""
    second = marked.item(bench, marked.SECOND)
    _must_be_inactive(bench, "/books/v3/items/{id}", "item", second)
    lines: list[dict[str, Any]] = [{"item_id": second, "rate": 1, "quantity": 1}]
    return _refusal(marked.draft(bench, marked.body(bench, line_items=lines)), "an invoice with an inactive item")


def _must_be_inactive(bench: Bench, template: str, key: str, identity: str) -> None:
    if bench.books(template, id=identity).one(key).get("status") != "inactive":
        raise PersonFirst(f"“{marked.SECOND}” is still active as {key.replace('contact', 'customer')} in Books.")


def lay_out_for_a_person(bench: Bench) -> list[str]:
    """Make what a person shall void, delete and deactivate; the instructions, one a line."""
    for name in ("to void", "to delete"):
        if name not in bench.marks:
            sent = marked.body(bench)
            made = marked.draft(bench, sent).one("invoice")
            key = (sent.get("custom_fields") or [{}])[0].get("value", "")
            number = str(made.get("invoice_number"))
            bench.mark(**{name: {"id": str(made.get("invoice_id")), "number": number, "key": key}})
    marked.customer(bench, marked.SECOND)
    marked.item(bench, marked.SECOND)
    return [
        f"Void draft {bench.marks['to void']['number']}.",
        f"Delete draft {bench.marks['to delete']['number']}.",
        f"Mark the customer “{marked.SECOND}” as inactive.",
        f"Mark the item “{marked.SECOND}” as inactive.",
    ]
