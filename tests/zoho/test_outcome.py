"""The judgement of answers: every row of the table, and that nothing outside it is ever taken for certain."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zbridge.zoho import errors
from zbridge.zoho.outcome import Case, Effect, Outcome, classify
from zbridge.zoho.outcome_rows import ANY, ROWS, Row

EXAMPLES = [(row, system, status) for row in ROWS for system, status in product(row.systems, sorted(row.statuses))]
CODES = sorted(code for row in ROWS for code in row.codes)


def _case(row: Row, system: errors.System, status: int) -> Case:
    code = "any code" if row.codes is ANY else sorted(row.codes)[0]
    message = "The customer already exists." if row.pattern else ""
    return Case(system, Effect.CREATE, status, code, message, readable=row.needs_body)


@pytest.mark.parametrize(("row", "system", "status"), EXAMPLES)
def test_every_listed_case_is_certain(row: Row, system: errors.System, status: int) -> None:
    verdict = classify(_case(row, system, status))
    assert verdict.outcome is (Outcome.OK if verdict.error is None else Outcome.FAIL)
    assert verdict.error is not errors.OutcomeUnknown


def test_every_row_is_reached_by_some_case() -> None:
    reached = {id(classify(_case(row, system, status)).row) for row, system, status in EXAMPLES}
    assert [row.evidence for row in ROWS if id(row) not in reached] == []


def test_every_row_names_its_evidence() -> None:
    assert all(row.evidence for row in ROWS)


@pytest.mark.parametrize(
    ("system", "status", "code"),
    [
        ("books", 200, ""),
        ("books", 200, "77"),
        ("books", 201, "1000"),
        ("books", 400, "99999"),
        ("books", 500, "1000"),
        ("books", 502, ""),
        ("books", 302, ""),
        ("books", 204, ""),
        ("books", None, ""),
        ("crm", 500, "INTERNAL_ERROR"),
        ("crm", 400, "NEVER_HEARD_OF"),
        ("crm", 503, ""),
        ("crm", 307, ""),
        ("crm", None, ""),
    ],
)
def test_a_creation_with_an_unlisted_answer_is_in_doubt(system: errors.System, status: int | None, code: str) -> None:
    verdict = classify(Case(system, Effect.CREATE, status, code))
    assert (verdict.outcome, verdict.error) == (Outcome.UNKNOWN, errors.OutcomeUnknown)


@given(status=st.sampled_from([200, 201, 202, 207]), system=st.sampled_from(["crm", "books"]))
def test_a_success_that_cannot_be_read_is_in_doubt(status: int, system: errors.System) -> None:
    verdict = classify(Case(system, Effect.CREATE, status, "", readable=False))
    assert verdict.error is errors.OutcomeUnknown


@given(
    status=st.integers(min_value=500, max_value=599),
    code=st.sampled_from(CODES),
    system=st.sampled_from(["crm", "books"]),
    effect=st.sampled_from([Effect.CREATE, Effect.UPDATE]),
)
def test_no_server_error_on_a_write_is_ever_certain(
    status: int, code: str, system: errors.System, effect: Effect
) -> None:
    assert classify(Case(system, effect, status, code)).outcome is Outcome.UNKNOWN


def test_what_was_never_sent_was_never_done() -> None:
    verdict = classify(Case("books", Effect.CREATE, None, sent=False))
    assert (verdict.outcome, verdict.error) == (Outcome.FAIL, errors.Unavailable)


@pytest.mark.parametrize(
    ("status", "error"), [(None, errors.Unavailable), (503, errors.Unavailable), (302, errors.WrongHost)]
)
def test_a_read_without_a_clear_answer_may_simply_be_repeated_or_is_refused(
    status: int | None, error: type[errors.ZohoError]
) -> None:
    assert classify(Case("books", Effect.READ, status, readable=False)).error is error


@pytest.mark.parametrize(
    ("code", "message"),
    [("3062", ""), ("120", "Duplicate value for a unique field"), ("4", "Duplicate value"), ("888", "already exists")],
)
def test_a_twin_is_known_by_its_class_whatever_its_code(code: str, message: str) -> None:
    assert classify(Case("books", Effect.CREATE, 400, code, message)).error is errors.Duplicate


def test_only_zohos_own_word_says_that_a_record_is_gone() -> None:
    gone = classify(Case("books", Effect.READ, 404, "1002"))
    gateway = classify(Case("books", Effect.READ, 404, "", readable=False))
    wrong_address = classify(Case("books", Effect.READ, 404, "5"))
    assert gone.error is errors.NotFound
    assert errors.NotFound not in (gateway.error, wrong_address.error)
