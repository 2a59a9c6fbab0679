"""Questions to Books that make marked test drafts: does one stay a draft, is a twin refused, how long do lists lag."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from django.db import connections

from accounts.selftest import marked
from accounts.selftest.bench import NAME, NOTE, Again, Answer, Bench, told, untold
from zbridge.zoho.formats import books_instant
from zbridge.zoho.probing import Prober, Seen

LONGEST_LAG, SOON, LATER = 120.0, 1.0, 5.0
APART, PAIRS = 2.0, 3
NO_DRAFT = "Books refused the test draft."
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def changes_nothing(bench: Bench) -> Answer:
    """A change of the marked customer that changes nothing: does it work, does it move the customer's time?"""
    wanted, customer = {"notes": NOTE}, marked.customer(bench)
    first = bench.change("books", "/books/v3/contacts/{id}", wanted, id=customer)
    if not first.ok:
        return told(False, str(first.status), "Books refused the change of the marked test customer.")
    bench.seams.clock.sleep(APART)
    again = bench.change("books", "/books/v3/contacts/{id}", wanted, id=customer)
    times = [seen.one("contact").get("last_modified_time") for seen in (first, again)]
    moved = times[0] != times[1]
    said = f"Changing a customer works; a change that changes nothing {'moves' if moved else 'leaves'} its time."
    return told(again.ok, "moves the time" if moved else "leaves the time", said)


def conditional_change(bench: Bench) -> Answer:
    """Whether Books refuses a change of what was changed since."""
    headers = {"If-Unmodified-Since": books_instant(LONG_AGO)}
    seen = bench.change("books", "/books/v3/contacts/{id}", {"notes": NOTE}, headers, id=marked.customer(bench))
    said = "Books refuses a change of what was changed since." if not seen.ok else "Books knows no conditional change."
    return told(not seen.ok, str(seen.status), said)


def stays_draft(bench: Bench) -> Answer:
    """Whether what is made with send=false is and stays a draft."""
    if "draft" not in bench.marks:
        sent = marked.body(bench)
        made = marked.draft(bench, sent).one("invoice")
        if not made:
            return untold(NO_DRAFT)
        key = (sent.get("custom_fields") or [{}])[0].get("value", "")
        bench.mark(draft={
            "id": str(made["invoice_id"]), "number": str(made.get("invoice_number")), "key": key,
            "reference": sent["reference_number"],
        })  # fmt: skip
    status = str(bench.books("/books/v3/invoices/{id}", id=bench.marks["draft"]["id"]).one("invoice").get("status"))
    return told(status == "draft", status, f"An invoice made as a draft has the status “{status}”.")


def list_lag(bench: Bench) -> Answer:
    """After how many seconds the list shows a new draft."""
    made = bench.marks.get("draft")
    if not made:
        return untold(NO_DRAFT)
    waited = bench.waited("listed")
    if marked.by_reference(bench, made["reference"]):
        said = f"The list showed a new draft after about {waited:.0f} seconds."
        return Answer("yes" if waited < 1 else "other", f"{waited:.0f} s", said)
    if waited > LONGEST_LAG:
        return Answer("no", f"over {LONGEST_LAG:.0f} s", "The list didn't show a new draft within two minutes.")
    raise Again(SOON if waited < LATER else LATER)


def key_filter(bench: Bench) -> Answer:
    """Whether the list can be asked for the value of a custom field."""
    made = bench.marks.get("draft")
    if not made or not made["key"]:
        return untold(NO_DRAFT)
    seen = bench.books(marked.DRAFTS, {"custom_field": made["key"], "filter_by": "Status.All"})
    ids = [str(row["invoice_id"]) for row in seen.rows("invoices")]
    if ids == [made["id"]]:
        return told(True, "works", "The list finds an invoice by the value of its key field.")
    if made["id"] in ids:
        return told(False, "ignored", "The list ignores the filter by custom field.")
    return Answer("other", str(seen.status), "The list didn't find the draft by the value of its key field.")


def twin(bench: Bench) -> Answer:
    """How a second draft with the same key is answered, some seconds after the first."""
    made = bench.marks.get("draft")
    if not made or not made["key"]:
        return untold(NO_DRAFT)
    bench.seams.clock.sleep(APART)
    seen = marked.draft(bench, marked.body(bench, key=made["key"]))
    if seen.ok:
        said = "Books accepted a second draft with the same key: a lost answer waits for a person, always."
        return told(False, "accepted", said)
    if seen.status is None:
        return untold("The answer to the second draft was lost.")
    said = f"Books refuses a second draft with the same key: status {seen.status}, code {seen.code}."
    return told(True, f"{seen.status}_code_{seen.code}", said)


def race(bench: Bench) -> Answer:
    """Whether two drafts with one key, made at the same moment, can both pass."""
    both = sum(_pair_passes(bench) for _ in range(PAIRS))
    if both:
        said = f"In {both} of {PAIRS} pairs both drafts passed: zbridge doesn't rely on the key field being unique."
        return told(False, "both pass", said)
    return told(True, "one passes", f"Of two drafts with one key at the same moment one passes ({PAIRS} pairs tried).")


def _pair_passes(bench: Bench) -> bool:
    sent, prober = marked.body(bench), bench.prober()
    with ThreadPoolExecutor(2) as pool:
        found = [trial.result() for trial in [pool.submit(_one, prober, sent) for _ in range(2)]]
    for seen in found:
        bench.seen.append(seen)
        marked.note(bench, seen.one("invoice"))
    return all(seen.ok for seen in found)


def _one(prober: Prober, sent: dict[str, Any]) -> Seen:
    try:
        return prober.create("books", marked.DRAFTS, sent, {"send": "false"})
    finally:
        connections.close_all()


def late_commit(bench: Bench) -> Answer:
    """Whether Books makes a draft whose caller hung up before the answer."""
    if "hung" not in bench.marks:
        sent = marked.body(bench)
        bench.mark(hung=sent["reference_number"])
        seen = bench.hanging_up(sent)
        if seen.ok or seen.status is not None:
            marked.note(bench, seen.one("invoice"))
            return untold(f"Books answered before zbridge hung up (status {seen.status}); run this again.")
    waited = bench.waited("hung up")
    rows = marked.by_reference(bench, bench.marks["hung"])
    if rows:
        marked.note(bench, rows[0])
        return told(
            True, "applied", "Books makes the draft although its caller hung up; so zbridge looks before it repeats."
        )
    if waited > LONGEST_LAG:
        return told(False, "dropped", f"Two minutes after its caller hung up, Books had made no {NAME} draft.")
    raise Again(LATER)
