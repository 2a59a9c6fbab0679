"""The rule of repeating, as properties."""

from hypothesis import given
from hypothesis import strategies as st

from zbridge.zoho import errors
from zbridge.zoho.outcome import Effect
from zbridge.zoho.retry import LONGEST_WAIT, GiveUp, LookUp, Wait, advise

EFFECTS = st.sampled_from(list(Effect))
ATTEMPTS = st.integers(min_value=1, max_value=500)
SECONDS = st.none() | st.floats(min_value=0, max_value=86400)
FINAL = [
    errors.Rejected, errors.Duplicate, errors.NotFound, errors.ReconnectNeeded, errors.ScopeMissing,
    errors.WritesStopped, errors.WrongHost, errors.NotAllowed, errors.TransactionOpen,
]  # fmt: skip


@given(effect=EFFECTS, attempt=ATTEMPTS, after=SECONDS)
def test_a_doubtful_outcome_is_always_looked_up_and_never_repeated(
    effect: Effect, attempt: int, after: float | None
) -> None:
    assert advise(effect, errors.OutcomeUnknown("books"), attempt, after) == LookUp()


@given(effect=EFFECTS, attempt=ATTEMPTS, after=st.floats(min_value=0, max_value=86400))
def test_we_never_come_back_before_zoho_asked_us_to(effect: Effect, attempt: int, after: float) -> None:
    advice = advise(effect, errors.RateLimited("books"), attempt, after)
    assert isinstance(advice, Wait)
    assert advice.seconds >= after


@given(attempt=ATTEMPTS)
def test_waits_grow_to_half_an_hour_and_no_further(attempt: int) -> None:
    now = advise(Effect.READ, errors.Unavailable("crm"), attempt)
    later = advise(Effect.READ, errors.Unavailable("crm"), attempt + 1)
    assert isinstance(now, Wait)
    assert isinstance(later, Wait)
    assert 0 < now.seconds <= later.seconds <= LONGEST_WAIT


@given(error=st.sampled_from(FINAL), effect=EFFECTS, attempt=ATTEMPTS)
def test_what_a_person_must_mend_is_not_tried_again(
    error: type[errors.ZohoError], effect: Effect, attempt: int
) -> None:
    assert advise(effect, error("crm"), attempt) == GiveUp()


@given(effect=EFFECTS)
def test_an_unreadable_list_is_given_up_in_the_end(effect: Effect) -> None:
    assert advise(effect, errors.Unreadable("books"), 8) == GiveUp()
