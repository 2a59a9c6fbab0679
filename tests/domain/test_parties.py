"""Who is who: one customer with the same e-mail is certain; nothing else is ever guessed."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.parties import Doubt, Verdict, match_customer
from syncjobs.domain.records import PartyFacts, party

ORCHARD = party("A1", "Orchard Foods", emails=[" Billing@Orchard.example"], currency="EUR")


def books(id: str = "B1", name: str = "Somebody", **more: Any) -> PartyFacts:
    """A Books customer in EUR."""
    return party(id, name, **({"currency": "EUR"} | more))


def test_the_e_mail_of_exactly_one_customer_is_certain_whatever_its_case() -> None:
    found = match_customer(ORCHARD, [books(emails=["billing@orchard.example"]), books("B2", "Other")])
    assert found.verdict == Verdict.CERTAIN and found.chosen is not None and found.chosen.party.id == "B1"


def test_a_contact_persons_e_mail_counts_too() -> None:
    found = match_customer(ORCHARD, [books(emails=["info@orchard.example", "billing@orchard.example"])])
    assert found.verdict == Verdict.CERTAIN


def test_two_customers_with_one_e_mail_are_never_guessed() -> None:
    twins = [books(id, emails=["billing@orchard.example"]) for id in ("B1", "B2")]
    found = match_customer(ORCHARD, twins)
    assert (found.verdict, found.chosen, found.doubt) == (Verdict.REVIEW, None, Doubt.SEVERAL)
    assert found.reason == "Two Books customers use billing@orchard.example."


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"active": False}, Doubt.INACTIVE),
        ({"currency": "USD"}, Doubt.OTHER_CURRENCY),
        ({"is_vendor": True}, Doubt.VENDOR),
    ],
)
def test_the_e_mail_alone_does_not_bill_whom_it_should_not(more: dict[str, Any], doubt: Doubt) -> None:
    found = match_customer(ORCHARD, [books(emails=["billing@orchard.example"], **more)])
    assert (found.verdict, found.doubt) == (Verdict.REVIEW, doubt)


def test_a_vendor_with_the_same_e_mail_does_not_hide_the_customer() -> None:
    both = [books(emails=["billing@orchard.example"]), books("V1", emails=["billing@orchard.example"], is_vendor=True)]
    assert match_customer(ORCHARD, both).verdict == Verdict.CERTAIN


CAFE = party("A2", "Café Müller & Söhne GmbH", tax_ids=["DE 123 456 789"], phones=["030 123456"],
             websites=["https://www.cafe-mueller.example/"], emails=["rechnung+crm@cafe-mueller.example"])  # fmt: skip


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": "Cafe Mueller und Soehne"}, "same name"),
        ({"name": "CAFE MUELLER AND SOEHNE LTD."}, "same name"),
        ({"name": "CaféMüller & Söhne"}, "same name"),
        ({"tax_ids": ["de123456789"]}, "same tax number"),
        ({"phones": ["+49 30 123456"]}, "same phone"),
        ({"websites": ["cafe-mueller.example"]}, "same web domain"),
        ({"emails": ["rechnung@cafe-mueller.example"]}, "same mailbox"),
    ],
)
def test_any_other_likeness_asks_a_person_and_creates_nothing(more: dict[str, Any], reason: str) -> None:
    found = match_customer(CAFE, [books(**more)])
    assert (found.verdict, found.doubt) == (Verdict.REVIEW, Doubt.ALIKE) and reason in found.candidates[0].reasons


def test_a_public_mail_host_is_no_likeness() -> None:
    wanted = party("A3", "Mara Oduya", emails=["mara@gmail.com"])
    assert match_customer(wanted, [books(emails=["someone@gmail.com"])]).verdict == Verdict.CREATE


def test_empty_fields_are_no_likeness() -> None:
    assert match_customer(party("A4", ""), [party("B1", "")]).verdict == Verdict.CREATE


def test_the_likest_stands_first() -> None:
    near = books("B2", "Cafe Mueller und Soehne", tax_ids=["DE123456789"])
    found = match_customer(CAFE, [books("B1", phones=["030 123456"]), near])
    assert [one.party.id for one in found.candidates] == ["B2", "B1"]
    assert found.candidates[0].score > found.candidates[1].score


EMAILS = st.sampled_from(["a@x.example", "b@x.example", "c@y.example"])
PARTIES = st.builds(
    party, st.uuids().map(str), st.sampled_from(["Acme Ltd", "ACME", "Beta", ""]), emails=st.lists(EMAILS, max_size=2),
    currency=st.sampled_from(["EUR", "USD", ""]), active=st.booleans(), is_vendor=st.booleans(),
)  # fmt: skip


@given(PARTIES, st.lists(PARTIES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_customers_never_changes_the_match(
    wanted: PartyFacts, all_: list[PartyFacts], chance: Random
) -> None:
    turned = list(all_)
    chance.shuffle(turned)
    assert match_customer(wanted, turned) == match_customer(wanted, all_)


@given(PARTIES, st.lists(PARTIES, max_size=6))
def test_certain_means_one_active_customer_with_that_e_mail(wanted: PartyFacts, all_: list[PartyFacts]) -> None:
    found = match_customer(wanted, all_)
    sharing = [one for one in all_ if one.emails & wanted.emails and not one.is_vendor]
    if found.verdict == Verdict.CERTAIN:
        assert found.chosen is not None and sharing == [found.chosen.party] and sharing[0].active
    elif found.verdict == Verdict.CREATE:
        assert not any(one.emails & wanted.emails for one in all_)


@given(PARTIES, st.lists(PARTIES, max_size=6))
def test_scores_lie_between_nothing_and_one(wanted: PartyFacts, all_: list[PartyFacts]) -> None:
    assert all(0 < one.score <= 1 and one.reasons for one in match_customer(wanted, all_).candidates)
