"""Every CRM names the columns of its deal lines anew; zbridge finds the usual ones and never a wrong kind."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accounts.line_columns import NAMES, guess, links_to


def column(name: str, kind: str = "text", target: str = "") -> dict[str, Any]:
    return {"api_name": name, "data_type": kind, "lookup": {"module": {"api_name": target}} if target else {}}


USUAL = [
    column("Artikel", "lookup", "Products"), column("Qty", "integer"), column("Unit_Price", "currency"),
    column("VAT", "picklist"), column("Note", "textarea"), column("Parent_Id", "lookup", "Deals"),
]  # fmt: skip


def test_usual_names_and_the_one_look_up_to_products_are_found() -> None:
    assert guess(USUAL) == {
        "product": "Artikel", "quantity": "Qty", "rate": "Unit_Price", "tax": "VAT", "description": "Note",
    }  # fmt: skip


def test_a_quantity_that_is_text_is_not_taken_for_one() -> None:
    assert "quantity" not in guess([column("Quantity", "text")])


def test_two_look_ups_to_products_are_not_chosen_between() -> None:
    rows = [column("Main", "lookup", "Products"), column("Spare", "lookup", "Products")]
    assert "product" not in guess(rows)


def test_a_look_up_to_accounts_can_say_who_is_billed() -> None:
    rows = [column("Account_Name", "lookup", "Accounts"), column("Payer", "lookup", "Accounts"), *USUAL]
    assert [name for name, _ in links_to(rows, "Accounts")] == ["Account_Name", "Payer"]
    assert links_to([{"api_name": "X", "lookup": {"module": "Accounts"}}], "Accounts") == [("X", "X")]


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["text", "double", "lookup", "currency"])), max_size=8))
def test_whatever_the_columns_are_each_meaning_names_one_of_them(rows: list[tuple[str, str]]) -> None:
    fields = [column(name, kind) for name, kind in rows]
    found = guess(fields)
    assert set(found) <= set(NAMES) and set(found.values()) <= {name for name, _ in rows}
