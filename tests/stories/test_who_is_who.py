"""Who is who: linked, to decide, only here and left out make all of each side; what a person ticks is linked."""

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.clients import seams
from accounts.models import AuditEvent, Connection
from syncjobs import who
from syncjobs.domain.matching import Thresholds
from syncjobs.domain.standing import SHARED, Known, candidates, sure, with_likely
from syncjobs.mappings import mapping_of
from syncjobs.models import Link, Mapping, Record, Run
from tests.people import browser
from tests.stories.sales_of_storms import read
from tests.stories.test_customers_in_step import aligned, mapping, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["aligned", "mapping", "sync"]  # fixtures
PAGE = "/admin/syncjobs/who/"
KEYS = st.frozensets(st.tuples(st.sampled_from(list(SHARED)), st.sampled_from("abc")), max_size=4)


@given(st.lists(KEYS, max_size=5), st.lists(KEYS, max_size=5), st.randoms())
def test_candidates_are_those_that_share_something_whatever_their_order(
    crm: list[frozenset[tuple[str, str]]], books: list[frozenset[tuple[str, str]]], any_order: object
) -> None:
    here = [Known(f"c{n}", keys) for n, keys in enumerate(crm)]
    there = [Known(f"b{n}", keys) for n, keys in enumerate(books)]
    found = candidates(here, there)
    assert {(one.crm_id, one.books_id) for one in found} == {
        (one.id, other.id) for one in here for other in there if one.keys & other.keys
    }
    assert candidates(here[::-1], there[::-1]) == found
    assert all(one.reasons for one in found)


@given(st.lists(KEYS, max_size=5), st.lists(KEYS, max_size=5))
def test_only_what_nothing_else_claims_and_more_than_a_name_or_phone_is_sure(
    crm: list[frozenset[tuple[str, str]]], books: list[frozenset[tuple[str, str]]]
) -> None:
    found = candidates(
        [Known(f"c{n}", keys) for n, keys in enumerate(crm)], [Known(f"b{n}", keys) for n, keys in enumerate(books)]
    )
    for one in found:
        alone = sum(one.crm_id == other.crm_id or one.books_id == other.books_id for other in found) == 1
        strong = bool({"same e-mail", "same SKU", "same tax id"} & set(one.reasons))
        assert (one in sure(found)) is (alone and strong)


def test_possible_ones_come_last_and_only_where_they_are_asked_for() -> None:
    names = {side: [f"{side}{n} works" for n in range(300)] for side in ("firm", "shop")}
    here, there = ([Known(name, frozenset({("name", name)})) for name in names[side]] for side in names)
    here.append(Known("c", frozenset({("name", "kowalczyk bau")})))
    there.append(Known("b", frozenset({("name", "kowalczyk rohrleitungen")})))
    assert with_likely([], here, there, Thresholds(certain=0.95, likely=0.5)) == []
    found = with_likely([], here, there)
    assert [(one.crm_id, one.books_id, one.reasons) for one in found] == [("c", "b", ("name alike",))]
    assert (found[0].score or 0) < 0.5


def survey_of(company: Connection, clock: SteppedClock) -> Mapping:
    row = Mapping.objects.get(connection=company, pair="customer")
    who.survey(row, clock)
    return row


def test_the_numbers_of_each_side_add_up_to_what_was_read(
    company: Connection, aligned: Callable[[], Run], clock: SteppedClock
) -> None:
    row = survey_of(company, clock)
    for side, kind in (("crm", "account"), ("books", "customer")):
        numbers = row.survey[side]
        assert sum(numbers.values()) == Record.objects.filter(connection=company, kind=kind, gone_at=None).count()
        assert numbers["linked"] == Link.objects.filter(pair="customer").count()
    assert row.survey["crm"]["to_decide"] >= 1


def test_what_a_person_ticks_is_linked_and_the_rest_stays_open(
    company: Connection, aligned: Callable[[], Run], clock: SteppedClock, zoho: Simulator
) -> None:
    row = survey_of(company, clock)
    page = browser("ben").get(PAGE).content.decode()
    pairs = who.shown(row)["pairs"]
    here, there, why = next(pair for pair in pairs if "same e-mail" in pair[2])
    assert here.name in page and why in page
    answer = browser("ben").post(f"{PAGE}{row.pk}/link/", {"pair": f"{here.remote_id}:{there.remote_id}"}, follow=True)
    assert "1 linked." in answer.content.decode()
    link = Link.objects.get(pair="customer", crm_id=here.remote_id)
    assert (link.books_id, link.how, link.made_by.username if link.made_by else "") == (
        there.remote_id,
        "person",
        "ben",
    )
    assert AuditEvent.objects.filter(verb="link", actor="ben").exists()
    row.refresh_from_db()
    left = who.shown(row)["pairs"]
    assert all(one.remote_id != here.remote_id and other.remote_id != there.remote_id for one, other, _ in left)
    assert len(left) < len(pairs)


def test_who_may_look_and_who_may_link(company: Connection, aligned: Callable[[], Run], clock: SteppedClock) -> None:
    row = survey_of(company, clock)
    assert [browser(name).get(PAGE).status_code for name in ("ada", "ben", "cy", "dee")] == [403, 200, 200, 200]
    assert "Link what is ticked" not in browser("dee").get(PAGE).content.decode()
    assert browser("dee").post(f"{PAGE}{row.pk}/link/", {}).status_code == 403
    nothing = browser("cy").post(f"{PAGE}{row.pk}/link/", {}, follow=True).content.decode()
    assert "tick what belongs together" in nothing
    client = browser("cy")
    client.get(PAGE)
    with CaptureQueriesContext(database) as queries:
        client.get(PAGE)
    assert len(queries) < 25


def test_two_that_are_linked_already_are_not_linked_to_others(
    company: Connection, aligned: Callable[[], Run], clock: SteppedClock
) -> None:
    row = survey_of(company, clock)
    first, second = list(Link.objects.filter(pair="customer"))[:2]
    chosen = f"{first.crm_id}:{second.books_id}"
    said = browser("cy").post(f"{PAGE}{row.pk}/link/", {"pair": chosen}, follow=True).content.decode()
    assert "already linked to something else" in said
    assert Link.objects.get(pk=first.pk).books_id == first.books_id


def test_what_shares_a_sku_with_nobody_else_is_linked_in_one_press(
    company: Connection, clock: SteppedClock, zoho: Simulator
) -> None:
    """S15"""
    tax = company.default_tax_id
    for number in range(3):  # and WID-9 of the demo
        name, code = f"Panel {number}", f"PNL {number}"
        zoho.user_create("crm", "Products", {"Product_Name": name, "Product_Code": code, "Unit_Price": 1})
        item = {"name": f"Board {number}", "sku": code.replace(" ", "-").lower(), "rate": 1, "tax_id": tax}
        zoho.user_create("books", "items", item)
    read(company, seams(), "item", "product")
    row = mapping_of(company, "product", clock)
    who.survey(row, clock)
    page = browser("ben").get(PAGE).content.decode()
    assert "Link all 4 that share an e-mail, SKU or tax id with nobody else" in page
    assert "Link all" not in browser("dee").get(PAGE).content.decode()
    before = Link.objects.filter(pair="product").count()
    answer = browser("ben").post(f"{PAGE}{row.pk}/link/", {"all": "sure"}, follow=True).content.decode()
    assert "4 linked." in answer and Link.objects.filter(pair="product").count() == before + 4
    who.survey(row, clock)
    assert row.survey["crm"]["linked"] == before + 4
