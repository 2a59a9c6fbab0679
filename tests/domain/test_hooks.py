"""What a web hook proves and says: Books' signature, CRM's notifications, a workflow's wish, and any nonsense."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.hooks import (
    WAITING,
    Said,
    asks_to_bill,
    books_says,
    crm_says,
    is_id,
    is_signed,
    same_again,
    signature,
)

pytestmark = pytest.mark.pure
SECRET = "zbridgeSecret123"
VECTOR = "cb5bf4ccb6f510755339e88271260b421ba79b409200939f5b249f53a3835714"
PAIRS = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_the_facts_own_vector_holds() -> None:
    assert signature(SECRET, [("b", "2"), ("a", "1")], [], b'{"x":1}') == VECTOR


@given(query=PAIRS, form=PAIRS, body=st.binary(max_size=40))
def test_what_one_secret_signed_the_other_did_not(query: Any, form: Any, body: bytes) -> None:
    made = signature(SECRET, query, form, body)
    assert is_signed(made, ["another", SECRET], query, form, body)
    assert is_signed(made.upper(), [SECRET], query, form, body)
    assert not is_signed(made, ["another"], query, form, body)
    assert not is_signed(made, [SECRET], query, form, body + b" ")
    assert not is_signed(made, [], query, form, body)


@given(query=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4), body=st.binary(max_size=20))
def test_the_order_of_the_query_doesn_t_matter(query: dict[str, str], body: bytes) -> None:
    pairs = list(query.items())
    assert signature(SECRET, pairs, [], body) == signature(SECRET, pairs[::-1], [], body)


def test_a_notification_names_each_record_once() -> None:
    body = {"module": "Deals", "ids": ["11", 12, "11"], "operation": "update", "server_time": 5, "token": "x"}
    assert crm_says(body) == [Said("deal", "11", "update", "5"), Said("deal", "12", "update", "5")]


@pytest.mark.parametrize("body", [{}, {"module": "Leads", "ids": ["1"]}, {"module": "Deals", "ids": "1"}])
def test_what_isn_t_read_here_says_nothing(body: dict[str, Any]) -> None:
    assert crm_says(body) == []


def test_a_document_of_books_is_named_by_its_key_and_only_in_its_own_organisation() -> None:
    body = {"invoice": {"invoice_id": "7", "last_modified_time": "t", "total": 1}, "organization_id": "42"}
    assert books_says(body, "42") == [Said("invoice", "7", "", "t")]
    assert books_says({"payment": {"payment_id": 8}}, "42") == [Said("payment", "8")]
    assert books_says(body, "43") == [] and books_says({"bill": {"bill_id": "1"}}, "42") == []


@pytest.mark.parametrize(("module", "kind"), [("Deals", "deal"), ("Potentials", "deal"), ("quotes", "quote")])
def test_a_workflow_asks_for_a_deal_or_a_quote(module: str, kind: str) -> None:
    assert asks_to_bill({"module": module, "id": 5}) == [Said(kind, "5", "convert")]
    assert asks_to_bill({"module": "Leads", "id": 5}) == asks_to_bill({"module": module, "id": "x"}) == []


@given(body=st.dictionaries(st.sampled_from(["module", "ids", "id", "invoice", "contact", "server_time"]), JSON))
def test_no_nonsense_breaks_it_and_only_ids_of_digits_come_out(body: dict[str, Any]) -> None:
    for said in [*crm_says(body), *books_says(body, "1"), *asks_to_bill(body)]:
        assert is_id(said.remote_id) and len(said.remote_id) <= 30 and len(said.operation) <= 20


def test_a_stamped_body_is_the_same_for_ever_and_an_unstamped_one_only_while_it_waits() -> None:
    stamped, plain = Said("deal", "1", "update", "5"), Said("deal", "1", "convert")
    assert same_again("crm", stamped, b"a") == same_again("crm", stamped, b"a") != same_again("crm", stamped, b"b")
    assert same_again("convert", plain, b"a") == same_again("convert", plain, b"b")
    assert same_again("convert", plain, b"a").startswith(WAITING)
    assert len({len(same_again(*one, b"a")) for one in (("crm", stamped), ("crm", plain))}) == 1
