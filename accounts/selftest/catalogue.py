"""Every question of the self-test, in the order of asking: what is tried, costs and leaves, and who uses the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from accounts.selftest import books_looks, books_refusals, books_tries, crm_looks, crm_tries
from accounts.selftest.bench import Answer, Bench

Needs = Literal["read", "write", "person"]
DRAFT = "1 draft"


@dataclass(frozen=True)
class Question:
    """`calls`: what it costs, in words; `leaves`: what stands in Zoho afterwards; `used`: what zbridge does with it."""

    code: str
    title: str
    tries: str
    calls: str
    ask: Callable[[Bench], Answer]
    needs: Needs = "read"
    leaves: str = "nothing"
    used: str = ""


READS = (
    Question(
        "scopes", "Are all rights granted?", "compares the rights granted with those asked for", "none",
        crm_looks.scopes, used="check “Rights”",
    ),
    Question(
        "plan_unique_field", "Does this plan have unique fields on invoices?", "reads the invoice's custom fields",
        "1 Books", books_looks.plan_has_unique_fields, used="check “Key fields in Books”",
    ),
    Question(
        "rate_headers", "Do answers tell the calls left?", "looks at the headers of an answer", "1 Books",
        books_looks.rate_headers, used="the limiter, if they are there",
    ),
    Question(
        "date_skew", "Is this machine's clock right?", "compares an answer's date with the clock", "1 Books",
        books_looks.date_skew,
    ),
    Question(
        "missing_org", "What is a call without organisation answered with?", "reads customers without naming one",
        "1 Books", books_looks.missing_organisation,
    ),
    Question(
        "foreign_org", "What is a call for another organisation answered with?", "reads customers of organisation 1",
        "1 Books", books_looks.foreign_organisation,
    ),
    Question(
        "modified_filter", "Which lists ignore the filter by change?",
        "asks five lists for changes of the next hour", "5 to 10 Books", books_looks.modified_filter,
    ),
    Question(
        "sorted_by_change", "Which lists follow the order by change?", "reads five lists in that order", "5 Books",
        books_looks.sorted_by_change,
    ),
    Question(
        "payment_moves", "Does a payment move its invoice's and customer's time?", "reads the newest payment",
        "2 to 8 Books", books_looks.payment_moves,
    ),
    Question(
        "part_paid_status", "Which status has a part-paid invoice past its due day?",
        "reads the list of invoices by due day", "1 Books", books_looks.part_paid_status,
    ),
    Question(
        "limits_seen", "How does Zoho say that there were too many calls?",
        "looks into the log of calls; provokes none", "none", books_looks.refusals_seen,
    ),
    Question(
        "crm_unknown_id", "What is reading an absent record answered with?", "reads a deal that isn't there",
        "1-2 CRM", crm_looks.unknown_id,
    ),
    Question(
        "crm_since_boundary", "Does “changed since” include that very second?",
        "asks for deals changed since the newest", "2 CRM", crm_looks.since_boundary,
    ),
    Question(
        "crm_page_token", "Does a list go on by its page token?", "reads two pages of one deal", "2 CRM",
        crm_looks.page_token,
    ),
    Question(
        "crm_discount_form", "How is a line's discount written?", "reads the newest quotes until one has a discount",
        "2 to 16 CRM", crm_looks.discount_form,
    ),
    Question(
        "crm_missing_scope", "What is a missing right answered with?", "reads what zbridge has no right to", "1 CRM",
        crm_looks.missing_scope,
    ),
    Question(
        "crm_count", "Can records be counted?", "counts the deals", "1 CRM", crm_looks.counting,
    ),
)  # fmt: skip
WRITES = (
    Question(
        "crm_rows_failed", "What status has a call whose rows all fail?", "changes a deal that isn't there", "1 CRM",
        crm_tries.rows_failed, "write",
    ),
    Question(
        "crm_search_lag", "How long does search lag?", "makes a test account and searches for it", "2 to 40 CRM",
        crm_tries.search_lag, "write", "1 account",
    ),
    Question(
        "crm_conditional", "Does CRM refuse a change of what was changed since?", "changes the test account twice",
        "3 CRM", crm_tries.conditional_change, "write",
    ),
    Question(
        "noop_update", "Does a change that changes nothing move the time?",
        "changes the test customer's notes twice", "2 to 4 Books", books_tries.changes_nothing, "write",
        "1 customer",
    ),
    Question(
        "books_conditional", "Does Books refuse a change of what was changed since?",
        "changes the test customer as if last read in 2020", "1 Books", books_tries.conditional_change, "write",
    ),
    Question(
        "stays_draft", "Does a draft stay a draft?", "makes a draft over 1.00 and reads it", "2 Books",
        books_tries.stays_draft, "write", DRAFT,
    ),
    Question(
        "list_lag", "How long does the list of invoices lag?", "looks for the new draft until it shows",
        "1 to 30 Books", books_tries.list_lag, "write",
    ),
    Question(
        "cf_in_list", "Do lists carry custom fields?", "reads the newest invoices", "1 to 4 Books",
        books_looks.fields_in_lists, used="the look-up by key reads single invoices where they don't",
    ),
    Question(
        "key_filter", "Can a list be asked for a custom field's value?", "asks for the test draft's key", "1 Books",
        books_tries.key_filter, "write",
    ),
    Question(
        "unique_twin", "Is a second draft with the same key refused?", "tries a twin after two seconds", "1 Books",
        books_tries.twin, "write", "1 draft if accepted", "lost answers are sent again only where twins are refused",
    ),
    Question(
        "twin_race", "Can two drafts with one key pass at the same moment?", "tries three pairs at once", "6 Books",
        books_tries.race, "write", "3 to 6 drafts", "lost answers are sent again only where one passes",
    ),
    Question(
        "late_commit", "Is a draft made although its caller hung up?", "hangs up after half a second, then looks",
        "2 to 25 Books", books_tries.late_commit, "write", "at most 1 draft",
    ),
    Question(
        "potential_id", "Is a CRM deal's id stored on a new invoice?",
        "makes a draft with a deal id that isn't there", "2 Books", books_refusals.potential_id, "write", DRAFT,
    ),
    Question(
        "duplicate_number", "Is an invoice number that exists refused?",
        "makes a draft with the test draft's number", "1 Books", books_refusals.duplicate_number, "write",
        "1 draft if accepted",
    ),
    Question(
        "duplicate_name", "Is a customer's name that exists refused?", "makes the test customer again", "1 Books",
        books_refusals.duplicate_name, "write", "1 customer if accepted",
    ),
    Question(
        "duplicate_sku", "Is an item's SKU that exists refused?", "makes two items with one SKU", "2 to 3 Books",
        books_refusals.duplicate_sku, "write", "1 or 2 items",
    ),
    Question(
        "other_currency", "Is an invoice in another currency than the customer's refused?",
        "makes a draft in another currency", "1 Books", books_refusals.other_currency, "write",
        "1 draft if accepted",
    ),
    Question(
        "unknown_tax", "How is an unknown tax refused?", "tries a draft with a tax that isn't there", "1 Books",
        books_refusals.unknown_tax, "write",
    ),
    Question(
        "no_lines", "How is an invoice without lines refused?", "tries a draft without lines", "1 Books",
        books_refusals.no_lines, "write",
    ),
    Question(
        "discount_order", "Is a document's discount taken off as told?", "makes two drafts with a discount of 10",
        "2 Books", books_refusals.discount_order, "write", "2 drafts",
        "the setting “Books always discounts before tax” follows",
    ),
)  # fmt: skip
PERSON = (
    Question(
        "after_void", "Does a void or deleted invoice hold its key?", "tries both keys again", "6 Books",
        books_refusals.after_void, "person", "up to 2 drafts",
    ),
    Question(
        "inactive_customer", "Is an invoice for an inactive customer refused?", "tries a draft", "2 to 4 Books",
        books_refusals.inactive_customer, "person", "1 customer",
    ),
    Question(
        "inactive_item", "Is an invoice with an inactive item refused?", "tries a draft", "2 to 4 Books",
        books_refusals.inactive_item, "person", "1 item",
    ),
)  # fmt: skip
QUESTIONS = (*READS, *WRITES, *PERSON)
BY_CODE = {question.code: question for question in QUESTIONS}
# Why some unverified facts are not asked; the report says so, too.
NOT_ASKED = {
    "upsert by a unique field": "zbridge never does it: a replay would overwrite what finance edited",
    "lines that an update of a subform doesn't mention": "zbridge never changes lines in CRM",
    "deleting a record with transactions": "zbridge has no right to delete",
    "too many token requests": "provoking it would shut zbridge out for half an hour",
    "web hooks: signature, retries, organisation, expiry of CRM's channels": "Near real time shows how they come",
    "a sign-in with PKCE": "it belongs to the consent, and zbridge relies on the state instead",
}
