"""Why a write didn't go through: Zoho's codes and sentences in plain words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.causes import CAUSES, cause_of, worded

BOOKS = "Zoho Books refused it; nothing was changed. It says: "
SAID = [
    ("refused", "2", f"{BOOKS}Invalid value passed for tax_id", "tax"),
    ("refused", "15", f"{BOOKS}Please ensure that the name has less than 100 characters.", "too_long"),
    ("refused", "", "Books refused X: Please ensure that the name has less than 100 characters. Nothing was created.",
     "too_long"),
    ("refused", "INVALID_DATA", "Zoho CRM refused it. It says: invalid data: at most 30 characters", "too_long"),
    ("refused", "", 'Books refused Acme Tax: The customer "Acme Tax" already exists. Nothing was made.', "duplicate"),
    ("refused", "MANDATORY_NOT_FOUND", "Zoho CRM refused it; nothing was changed. It says: required field not found",
     "missing"),
    ("refused", "3062", 'It says: The customer "Acme" already exists.', "duplicate"),
    ("refused", "", "Books has another item of this name or SKU; link it, or rename one.", "duplicate"),
    ("refused", "1002", "Zoho Books has no such record, or the connected user can't see it.", "gone"),
    ("refused", "", "Its account is not linked to a customer any more.", "gone"),
    ("refused", "", "Payment terms: “Net 75” is not mapped yet.", "unmapped"),
    ("refused", "", "The mapping has no field 'segment' any more.", "rules"),
    ("refused", "NO_PERMISSION", "Zoho CRM says that the connected user may not do this: reconnect.", "permission"),
    ("refused", "RECORD_LOCKED", "The record is locked in Zoho CRM; it is tried again later.", "locked"),
    ("refused", "INVALID_DATA", "Zoho CRM refused it; nothing was changed. It says: invalid data", "invalid"),
    ("refused", "4", f"{BOOKS}Something that nobody has seen", "other"),
    ("moved", "", "Changed in Books since the plan was made: Name.", "moved"),
    ("moved", "", "It is no longer in Books.", "gone"),
    ("held", "", "The answer was lost; the next reading shows whether it was written.", "lost"),
    ("held", "", "Another sale is just making Acme in Books.", "waits"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "code", "sentence", "cause"), SAID)
def test_what_zoho_said_is_named_as_a_bookkeeper_would(outcome: str, code: str, sentence: str, cause: str) -> None:
    assert cause_of(outcome, code, sentence) == cause


@given(st.sampled_from(["refused", "moved", "held"]), st.text(max_size=20), st.text(max_size=80))
def test_whatever_zoho_says_has_a_cause_with_a_fix(outcome: str, code: str, sentence: str) -> None:
    assert cause_of(outcome, code, sentence) in CAUSES


@pytest.mark.parametrize("slug", CAUSES)
@pytest.mark.parametrize("side", ["crm", "books"])
def test_each_is_said_in_a_sentence_and_a_fix_without_a_code(slug: str, side: str) -> None:
    cause = CAUSES[slug]
    title, fix = worded(cause.title, side), worded(cause.fix, side)
    assert title.endswith(".") and fix.endswith(".") and "{" not in title + fix
    assert not re.search(r"[A-Z]{4,}|_", title + fix)
    assert bool(cause.place) == bool(cause.button)
