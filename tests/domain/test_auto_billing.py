"""What may bill itself: only what was seen changing since the switch and since go-live, and one sale once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.auto_billing import (
    MOST_AT_ONCE,
    WORDS,
    Candidate,
    FirstSight,
    Rule,
    Why,
    sorted_out,
    was_seen_changing,
    why_not,
)
from invoicing.domain.edits import changes, in_words

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
RULE = Rule(NOON - timedelta(seconds=1), date(2026, 10, 1))
ONE = Candidate(id=1, sale="quote:1", seen_at=NOON, seen_on=NOON.date())
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 31)).map(lambda found: found.replace(tzinfo=UTC))
RULES = st.builds(Rule, st.none() | MOMENTS, st.none() | st.just(date(2026, 10, 1)))


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    seen = draw(st.none() | MOMENTS)
    return Candidate(
        id=draw(st.integers(1, 1000)), sale=f"deal:{draw(st.integers(1, 4))}", seen_at=seen,
        seen_on=seen.date() if seen else None, before=draw(st.booleans()), billed=draw(st.booleans()),
        sale_billed=draw(st.booleans()), tried=draw(st.booleans()),
    )  # fmt: skip


MANY = st.lists(candidates(), max_size=12, unique_by=lambda one: one.id)


def test_accepted_after_the_switch_bills_itself() -> None:
    assert why_not(ONE, RULE) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"before": True}, Why.UNSEEN), ({"seen_at": None}, Why.UNSEEN), ({"tried": True}, Why.TRIED),
        ({"seen_at": NOON - timedelta(seconds=1)}, Why.EARLIER), ({"seen_on": date(2026, 9, 30)}, Why.BEFORE_GO_LIVE),
        ({"billed": True}, Why.BILLED), ({"sale_billed": True}, Why.PART),
    ],
)  # fmt: skip
def test_each_reason_keeps_it(changed: dict[str, object], why: Why) -> None:
    assert why_not(replace(ONE, **changed), RULE) is why  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [Rule(None, date(2026, 10, 1)), Rule(NOON, None)])
def test_without_the_switch_or_a_go_live_nothing_bills_itself(rule: Rule) -> None:
    assert why_not(ONE, rule) is Why.OFF


@given(MANY, RULES)
def test_nothing_from_before_ever_bills_itself_and_no_sale_twice(found: list[Candidate], rule: Rule) -> None:
    verdicts = sorted_out(found, rule)
    chosen = [one for one in found if verdicts[one.id] is None]
    assert len({one.sale for one in chosen}) == len(chosen) and set(verdicts) == {one.id for one in found}
    for one in chosen:
        assert rule.since is not None and one.seen_at is not None and one.seen_at > rule.since
        assert not (one.before or one.billed or one.sale_billed or one.tried)


@given(MANY, RULES, st.randoms())
def test_the_order_in_which_they_are_read_does_not_matter(found: list[Candidate], rule: Rule, random: object) -> None:
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert sorted_out(mixed, rule) == sorted_out(found, rule)


@given(MANY, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_later_switch_never_bills_more(found: list[Candidate], since: datetime, later: timedelta) -> None:
    then, now = (Rule(at, date(2026, 10, 1)) for at in (since, since + later))
    assert all(why_not(one, then) is None for one in found if why_not(one, now) is None)


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_words(why: Why) -> None:
    assert WORDS[why].endswith(".")


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (FirstSight(NOON, 1), True), (FirstSight(NOON - timedelta(1), 1), False), (FirstSight(None, 1), False),
        (FirstSight(NOON, MOST_AT_ONCE), True), (FirstSight(NOON, MOST_AT_ONCE + 1), False),
        (FirstSight(NOON, 1, looks_cloned=True), False),
    ],
)  # fmt: skip
def test_accepted_at_first_sight_counts_only_when_it_is_younger_than_the_switch(sight: FirstSight, seen: bool) -> None:
    assert was_seen_changing(sight, RULE) is seen and not was_seen_changing(sight, Rule(None, None))


THEN = {
    "party": ["A", "C"], "currency": "EUR", "amount": ["238", "gross", False], "discount": ["0", False],
    "adjustment": ["0", ""], "document_tax": "0", "lines": [["P1", "2", "100", ["0", False], "VAT", "19", ""]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"lines": [["P1", "5", "100", ["0", False], "VAT", "19", ""]]}, "line 1: quantity 5 instead of 2"),
        ({"lines": [["P1", "2", "90", ["10", True], "VAT", "7", ""]]},
         "line 1: price 90 instead of 100, discount 10 % instead of 0, tax 7 instead of 19"),
        ({"lines": [["P2", "2", "100", ["0", False], "VAT", "19", ""]]}, "line 1: another product"),
        ({"lines": [["P1", "2", "100", ["0", False], "VAT", "19", "red"]]}, "line 1: its description"),
        ({"lines": []}, "0 lines instead of 1"), ({"party": ["B", "C"]}, "another account or contact"),
        ({"currency": "USD"}, "USD instead of EUR"),
        ({"document_tax": "3"}, "tax on the document 3.00 EUR instead of 0.00 EUR"),
        ({"discount": ["9", False]}, "document discount 9.00 EUR instead of 0.00 EUR"),
        ({"amount": [None, "gross", False]}, "total none instead of 238.00 EUR"), ({}, ""),
    ],
)  # fmt: skip
def test_what_was_edited_is_said_in_words(now: dict[str, object], said: str) -> None:
    assert in_words(changes(THEN, THEN | now)) == said


def test_many_edits_are_named_up_to_three() -> None:
    assert in_words(["a", "b", "c", "d", "e"]) == "a; b; c; 2 more"
