"""Keys for comparing what two systems wrote differently."""

from decimal import Decimal

import pytest
from cleanco import basename
from cleanco.clean import get_unique_terms
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.digesting import canonical_json, digest
from syncjobs.domain.normalising import (
    mail_domain,
    normal_email,
    normal_name,
    normal_phone,
    normal_sku,
    normal_tax_id,
    without_legal_form,
)
from syncjobs.domain.products import suggest_item
from syncjobs.domain.records import product


@pytest.mark.parametrize("name", ["ACME Ltd", "Acme Limited", "  acme, Ltd. ", "Acme GmbH", "Açme"])
def test_legal_forms_accents_and_punctuation_do_not_make_another_company(name: str) -> None:
    assert normal_name(name) == "acme"


@pytest.mark.parametrize("name", ["Müller & Söhne", "Mueller und Soehne", "MÜLLER AND SÖHNE", "Mu\u0308ller+Söhne"])
def test_umlauts_and_ands_are_one(name: str) -> None:
    assert normal_name(name) == "mueller soehne"


WORDS = st.one_of(st.sampled_from(sorted(get_unique_terms())), st.text(max_size=8))


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_only_looking_for_forms_whose_last_word_is_there_finds_what_cleanco_finds(name: str) -> None:
    assert without_legal_form(name) == basename(name)


def test_a_name_that_is_only_a_legal_form_stays() -> None:
    assert normal_name("GmbH") == "gmbh"


@pytest.mark.parametrize(
    ("address", "key"),
    [(" Billing@Orchard.example", "billing@orchard.example"), ("a+b@c.example", "a+b@c.example"), ("nobody", ""),
     ("a@b", ""), ("", ""), ("a b@c.example", "")],
)  # fmt: skip
def test_an_e_mail_is_trimmed_lowered_or_none(address: str, key: str) -> None:
    assert normal_email(address) == key


@pytest.mark.parametrize("phone", ["030 123456", "+49 (0)30 123456", "0049 30 123456", "+49-30-12 34 56"])
def test_a_phone_number_is_one_in_all_its_spellings(phone: str) -> None:
    assert normal_phone(phone) == "+4930123456"


def test_a_local_number_is_read_as_its_countrys() -> None:
    assert normal_phone("020 7946 0101", "GB") == "+442079460101" and normal_phone("call me") == ""


@pytest.mark.parametrize("code", ["WID-9", "WID 9", "wid9", "Wid/9"])
def test_a_code_is_one_in_all_its_spellings(code: str) -> None:
    assert normal_sku(code) == "wid9"


def test_a_tax_number_is_one_in_all_its_spellings() -> None:
    assert normal_tax_id("DE 123.456-789") == normal_tax_id("de123456789") == "de123456789"


@pytest.mark.parametrize(
    ("address", "domain"),
    [("https://www.Acme.example/about", "acme.example"), ("sales@acme.example", "acme.example"), ("a@gmail.com", ""),
     ("", ""), ("localhost", "")],
)  # fmt: skip
def test_the_domain_of_a_company_not_of_a_mail_host(address: str, domain: str) -> None:
    assert mail_domain(address) == domain


@given(st.text(max_size=40))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    for normal in (normal_email, normal_phone, normal_tax_id, normal_sku):
        assert normal(normal(text)) == normal(text)


def test_one_is_one_however_many_zeros_it_has() -> None:
    assert canonical_json({"b": Decimal("1.00"), "a": None}) == canonical_json({"a": None, "b": Decimal(1)})


def test_a_bumped_timestamp_is_no_change_and_a_field_is() -> None:
    row = {"id": "1", "Name": "Acme", "Modified_Time": "2026-07-01T10:00:00+02:00"}
    assert digest(row) == digest(row | {"Modified_Time": "2026-07-02T10:00:00+02:00"})
    assert digest(row) != digest(row | {"Name": "Acme Ltd"})


def test_a_product_is_matched_by_its_code_before_its_name() -> None:
    by_name, by_code = product("1", "Widget nine"), product("2", "Other", "WID 9")
    found = suggest_item(product("P", "Widget nine", "WID-9"), [by_name, by_code])
    assert found is not None and (found.item.id, found.reason) == ("2", "same SKU")


def test_an_item_named_like_the_code_is_suggested() -> None:
    found = suggest_item(product("P", "Widget", "WID-9"), [product("1", "WID 9")])
    assert found is not None and found.item.id == "1"


def test_of_two_alike_items_none_is_suggested_and_inactive_ones_never() -> None:
    twins = [product(id, "Widget", "WID9") for id in "12"]
    assert suggest_item(product("P", "Widget", "WID-9"), twins) is None
    assert suggest_item(product("P", "Widget", "WID-9"), [product("1", "Widget", "WID9", active=False)]) is None


def test_an_item_spelt_otherwise_is_suggested_unless_each_has_a_word_of_its_own() -> None:
    wanted = product("P", "Standing Desk 160 oak")
    found = suggest_item(wanted, [product("1", "Standing desk 160, Oak top"), product("2", "Standing Desk 180 oak")])
    assert found is not None and (found.item.id, found.reason) == ("1", "name alike")
