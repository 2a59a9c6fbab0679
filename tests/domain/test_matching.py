"""Who is who, by the matcher: certain only where nobody else could be meant, suggestions with reasons."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncjobs.domain.matching import ALIKE, MatchIndex, MatchVerdict, Pair, Thresholds, clusters, pairs, within
from syncjobs.domain.records import PartyFacts, party

pytestmark = pytest.mark.pure

NAMES = [
    "Acme Ltd",
    "ACME",
    "Acme Limited",
    "Beta & Sons",
    "Gamma Tools",
    "Gama Tools",
    "",
    "!",
    "شركة النور",
    "北京公司",
]
MAILS = ["a@x.example", "b@x.example", "info@y.example", "a+crm@x.example"]
STREETS = ["", "5 High St", "5 High Street", "7 High Street"]


def made(id: str, name: str, street: str = "", **more: Any) -> PartyFacts:
    extra = {key: more.pop(key) for key in ("city", "zip", "company", "external_ids") if key in more}
    return replace(party(id, name, **more), street=street, **extra)


PARTIES = st.builds(
    made, st.uuids().map(str), st.sampled_from(NAMES), st.sampled_from(STREETS),
    emails=st.lists(st.sampled_from(MAILS), max_size=2), phones=st.lists(st.sampled_from(["+49301234567"]), max_size=1),
    currency=st.sampled_from(["", "EUR", "USD"]), is_vendor=st.booleans(), zip=st.sampled_from(["", "10115"]),
)  # fmt: skip
LISTS = st.lists(PARTIES, max_size=6, unique_by=lambda one: one.id)


def turned(all_: list[PartyFacts], chance: Random) -> list[PartyFacts]:
    copy = list(all_)
    chance.shuffle(copy)
    return copy


def certain(found: tuple[Pair, ...]) -> set[tuple[str, str]]:
    return {(pair.left, pair.right) for pair in found if pair.verdict == MatchVerdict.CERTAIN}


@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_changes_nothing(
    left: list[PartyFacts], right: list[PartyFacts], chance: Random
) -> None:
    assert pairs(turned(left, chance), turned(right, chance)) == pairs(left, right)
    assert within(turned(left, chance)) == within(left)


@given(LISTS, LISTS)
def test_certain_pairs_are_one_to_one_and_suggestions_leave_them_alone(
    left: list[PartyFacts], right: list[PartyFacts]
) -> None:
    found = pairs(left, right)
    sure = certain(found)
    assert len({one for one, _ in sure}) == len({other for _, other in sure}) == len(sure)
    for pair in found:
        linked = pair.left in {one for one, _ in sure} or pair.right in {other for _, other in sure}
        assert pair.verdict == MatchVerdict.CERTAIN or not linked


@given(LISTS, LISTS)
def test_changing_sides_changes_no_score(left: list[PartyFacts], right: list[PartyFacts]) -> None:
    there = {(one.left, one.right): one.score for one in pairs(left, right, every=True)}
    back = {(one.right, one.left): one.score for one in pairs(right, left, every=True)}
    assert all(back[both] == score for both, score in there.items() if both in back)


@given(LISTS, LISTS)
def test_a_stranger_changes_nothing(left: list[PartyFacts], right: list[PartyFacts]) -> None:
    stranger = made("stranger", "Qzyxw Vvkj", emails=["q@zyxw.example"], phones=["+61 2 9999 0000"])
    assert pairs(left, [*right, stranger]) == pairs(left, right)


@given(LISTS, LISTS)
def test_an_external_id_beats_any_score(left: list[PartyFacts], right: list[PartyFacts]) -> None:
    one = made("mine", "Acme Ltd", emails=["a@x.example"], external_ids=frozenset({"books:9"}))
    other = made("theirs", "Wholly Different", external_ids=frozenset({"books:9"}))
    found = pairs([*left, one], [*right, other])
    assert ("mine", "theirs") in certain(found) and found[0].score == 1


@given(LISTS, PARTIES)
def test_two_equally_good_ones_are_never_certain(right: list[PartyFacts], wanted: PartyFacts) -> None:
    twins = [replace(wanted, id="twin1"), replace(wanted, id="twin2")]
    found = pairs([replace(wanted, id="wanted")], [*right, *twins])
    assert not certain(found) & {("wanted", "twin1"), ("wanted", "twin2")}


IDS = st.sampled_from("abcdefgh")
PAIRS = st.builds(Pair, IDS, IDS, st.floats(0, 1), st.sampled_from(MatchVerdict), st.just(()))


@given(st.lists(PAIRS), st.randoms(use_true_random=False))
def test_clusters_are_a_partition_whatever_the_order(found: list[Pair], chance: Random) -> None:
    groups = clusters(found)
    members = [one for group in groups for one in group]
    assert len(members) == len(set(members))
    assert set(members) == {one for pair in found if pair.verdict in ALIKE for one in (pair.left, pair.right)}
    chance.shuffle(found)
    assert clusters(found) == groups


def judged(left: PartyFacts, right: PartyFacts) -> str:
    found = pairs([left], [right])
    return found[0].verdict if found else "no"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kestrel Optics Ltd", "Kestrel Optics Limited"), ("Müller & Söhne GmbH", "MUELLER UND SOEHNE"),
        ("Café Néon", "Cafe Neon"), ("DataWorks", "Data Works"), ("北京华为技术有限公司", "华为技术有限公司"),
        ("شركة النور للتجارة", "النور للتجاره"), ("Rokobaro Trading", "Rokobro Trading"),
    ],
)  # fmt: skip
def test_a_name_alone_is_suggested_and_never_linked(one: str, other: str) -> None:
    assert judged(made("1", one), made("2", other)) == "likely"


@pytest.mark.parametrize(
    ("one", "other"), [("", ""), ("!", "!"), ("", "Acme"), ("Global Services Ltd", "Global Consulting Ltd")]
)  # fmt: skip
def test_empty_names_and_generic_words_say_nothing(one: str, other: str) -> None:
    assert judged(made("1", one), made("2", other)) == "no"


MAIL: dict[str, Any] = {"emails": ["mara@orchard.example"], "currency": "EUR"}


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "certain"),
        ({"emails": ["mara+books@orchard.example"]}, "certain"),
        ({"currency": "USD"}, "likely"),
        ({"active": False}, "likely"),
        ({"is_vendor": True}, "likely"),
        ({"name": "Wholly Otherwise"}, "likely"),
    ],
)
def test_one_e_mail_links_unless_something_speaks_against_it(more: dict[str, Any], verdict: str) -> None:
    right = {"name": "Orchard Foods"} | MAIL | more
    assert judged(made("1", "Orchard Foods Ltd", **MAIL), made("2", **right)) == verdict


def test_a_shared_mailbox_links_nobody_of_another_name() -> None:
    left = made("1", "North Mill", emails=["info@office.example"])
    assert judged(left, made("2", "South Mill", emails=["info@office.example"])) != "certain"


def test_two_of_one_house_and_family_are_not_linked() -> None:
    left = made("1", "Anna Kowalczyk", "5 High Street", city="Leeds", zip="LS1")
    assert judged(left, made("2", "Bob Kowalczyk", "5 High Street", city="Leeds", zip="LS1")) != "certain"


def test_400_customers_at_one_domain_are_neither_linked_nor_shown() -> None:
    all_ = [made(str(n), f"Person{n:03} Name{n * 7:04}", emails=[f"p{n}@big.example"]) for n in range(400)]
    assert within(all_) == ()


def test_the_same_company_in_two_currencies_is_no_duplicate() -> None:
    two = [
        made(currency, "Sierra Labs", emails=["ap@sierra.example"], currency=currency) for currency in ("EUR", "USD")
    ]
    assert within(two) == ()
    assert certain(pairs([made("A", "Sierra Labs", emails=["ap@sierra.example"], currency="EUR")], two)) == {
        ("A", "EUR")
    }


def test_a_new_record_is_found_among_many_by_a_misspelt_name_and_its_address() -> None:
    many = [made(str(n), f"Firm{n:04} Works", f"{n} Long Road", zip=f"{n:05}") for n in range(500)]
    index = MatchIndex([*many, made("X", "Kowalczyk Bau", "5 High Street", zip="10115")])
    found = index.find(made("new", "Kowalcyk Bau GmbH", "5 High St.", zip="10115"))
    assert [(one.right, one.verdict) for one in found] == [("X", "certain")]


def test_thresholds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="likely"):
        Thresholds(certain=0.5, likely=0.9)


@settings(max_examples=30)
@given(LISTS)
def test_pairs_inside_a_list_are_named_once(all_: list[PartyFacts]) -> None:
    found = [(one.left, one.right) for one in within(all_)]
    assert len(found) == len(set(found)) and all(one < other for one, other in found)


def test_a_possible_one_is_shown_where_nothing_better_is_and_joins_no_group() -> None:
    here, there = ([made(f"{side}{n}", f"{side}{n:04} Works") for n in range(300)] for side in ("Firm", "Shop"))
    left, right = made("L", "Kowalczyk Bau"), made("R", "Kowalczyk Rohrleitungen")
    found = pairs([*here, left], [*there, right])
    assert [(one.left, one.right, one.verdict) for one in found] == [("L", "R", "possible")]
    assert clusters(found) == ()
    assert pairs([*here, left], [*there, right], Thresholds(certain=0.95, likely=0.5)) == ()
    better = pairs([*here, left], [*there, right, made("B", "Kowalczyk Bau")])
    assert [(one.left, one.right, one.verdict) for one in better] == [("L", "B", "likely")]


def test_lists_of_which_few_stand_in_the_other_are_judged_more_carefully() -> None:
    strangers = [made(f"S{n}", f"Elsewhere{n:04} Works") for n in range(200)]
    same = [made(f"T{n}", f"Firm{n:04} Works") for n in range(200)]
    left, right = made("L", "Kowalczyk Bau"), made("R", "Kowalczyk Hochbau")
    few = {one.left: one.score for one in pairs([*same, left], [*strangers, right], every=True)}
    all_ = {one.left: one.score for one in pairs([*same, left], [*same, right], every=True) if one.right == "R"}
    assert few["L"] < all_["L"]
