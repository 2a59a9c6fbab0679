"""The verbs: what they ask, what they give back, and how refusals come through."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.zoho.wires import KeptGate, Scripted, books, crm, ok, rows
from zbridge.zoho import errors

DONE = {"code": "SUCCESS", "details": {"id": "1"}, "message": "record updated", "status": "success"}
LOCKED = {"code": "RECORD_LOCKED", "details": {}, "message": "record locked", "status": "error"}
STALE = {"code": "ALREADY_MODIFIED", "details": {"id": "1"}, "message": "changed", "status": "error"}
WRONG = {"code": "INVALID_DATA", "details": {"api_name": "Stage"}, "message": "invalid data", "status": "error"}


def _rows(status: int, *found: Mapping[str, object]) -> Scripted:
    return Scripted(status, {"data": list(found)})


def test_money_and_long_ids_come_through_exactly() -> None:
    side, _ = crm(Scripted(200, b'{"data":[{"Amount":12500.10,"id":"1","zuid":5725767000000512001}]}'))
    record = side.record("Deals", "1")
    assert record == {"Amount": Decimal("12500.10"), "id": "1", "zuid": 5725767000000512001}


def test_money_goes_out_as_exact_json_numbers() -> None:
    side, script = books(Scripted(201, {"code": 0, "invoice": {"invoice_id": "9"}}))
    side.create_draft_invoice({"line_items": [{"rate": Decimal("12345678901234.5600"), "quantity": Decimal("1E+1")}]})
    assert script.asked[0].body == b'{"line_items": [{"rate": 12345678901234.5600, "quantity": 10}]}'


@pytest.mark.parametrize(
    "answer", [Scripted(204), Scripted(404, {"code": "X"}), Scripted(400, {"code": "INVALID_DATA"})]
)
def test_a_record_that_is_gone_is_none(answer: Scripted) -> None:
    side, _ = crm(answer)
    assert side.record("Deals", "1") is None


def test_an_invoice_that_is_gone_is_none_but_a_gateways_404_is_not() -> None:
    side, _ = books(Scripted(404, {"code": 1002, "message": "Invoice does not exist."}), Scripted(404, b"<html>"))
    assert side.invoice("1") is None
    with pytest.raises(errors.Rejected):
        side.invoice("1")


def test_each_row_of_an_update_has_its_own_end() -> None:
    side, _ = crm(_rows(207, DONE, LOCKED, STALE, WRONG))
    ends = side.update_records("Deals", [{"id": str(number)} for number in range(4)])
    kinds = [type(end.error) for end in ends]
    assert kinds == [type(None), errors.Locked, errors.AlreadyModified, errors.Rejected]
    assert ends[3].error is not None
    assert ends[3].error.field == "Stage"


@pytest.mark.parametrize(
    ("status", "row", "error"),
    [(400, LOCKED, errors.Locked), (412, STALE, errors.AlreadyModified), (400, WRONG, errors.Rejected)],
)
def test_a_refused_single_update_is_raised(status: int, row: dict[str, object], error: type[Exception]) -> None:
    side, _ = crm(_rows(status, row))
    with pytest.raises(error):
        side.update_record("Deals", "1", {"Stage": "x"})


def test_an_update_fires_no_workflow_and_can_be_bound_to_what_was_read() -> None:
    side, script = crm(_rows(200, DONE))
    side.update_record("Deals", "1", {"A": "x"}, unmodified_since=datetime(2026, 3, 2, 8, 15, tzinfo=UTC))
    assert script.sent() == {"data": [{"A": "x", "id": "1"}], "trigger": []}
    assert script.asked[0].headers["If-Unmodified-Since"] == "2026-03-02T08:15:00+00:00"


def test_an_answer_for_other_rows_than_were_sent_proves_nothing() -> None:
    side, _ = crm(_rows(201, DONE))
    with pytest.raises(errors.OutcomeUnknown):
        side.create_records("Contacts", [{"Last_Name": "A"}, {"Last_Name": "B"}])


def test_credits_are_counted_as_crm_counts_them() -> None:
    gate = KeptGate()
    side, _ = crm(_rows(200, *[DONE] * 25), Scripted(204), gate=gate)
    side.update_records("Deals", [{"id": "1"}] * 25)
    side.coql("select id from Deals where id is not null limit 2000")
    assert [call.credits for call in gate.before_calls] == [3, 3]
    assert [call.writes for call in gate.before_calls] == [True, False]


def test_search_drops_what_only_resembles() -> None:
    side, script = crm(rows({"id": "1", "Account_Name": "Harbour"}, {"id": "2", "Account_Name": "Harbour North"}))
    assert [row["id"] for row in side.search("Accounts", "Account_Name", "harbour", ["id"])] == ["1"]
    assert script.query()["approved"] == "both"


def test_brackets_in_a_searched_name_are_escaped() -> None:
    side, script = crm(Scripted(204))
    side.search("Accounts", "Account_Name", "Acme (UK), Ltd", ["id"])
    assert script.query()["criteria"] == r"(Account_Name:equals:Acme \(UK\)\, Ltd)"


def test_an_organisation_without_currencies_has_none() -> None:
    side, _ = crm(Scripted(403, {"code": "CURRENCIES_NOT_ENABLED", "message": "off", "details": {}}))
    assert side.currencies() == []


def test_a_missing_right_is_told_with_zohos_words() -> None:
    side, _ = crm(Scripted(403, {"code": "NO_PERMISSION", "message": "permission denied", "details": {}}))
    with pytest.raises(errors.ScopeMissing) as caught:
        side.layouts("Deals")
    assert "permission denied" in caught.value.sentence


def test_books_names_the_field_that_it_refused() -> None:
    side, _ = books(Scripted(400, {"code": 2, "message": "Invalid value passed for Payment Terms"}))
    with pytest.raises(errors.Rejected) as caught:
        side.create_contact({"contact_name": "A"})
    assert (caught.value.field, caught.value.code, caught.value.http) == ("Payment Terms", "2", 400)


def test_a_taken_name_is_a_duplicate() -> None:
    side, _ = books(Scripted(400, {"code": 3062, "message": 'The customer "A" already exists.'}))
    with pytest.raises(errors.Duplicate):
        side.create_contact({"contact_name": "A"})


def test_the_rate_of_a_day_is_the_latest_that_was_set_by_then() -> None:
    known = [{"effective_date": day, "rate": rate} for day, rate in [("2026-11-01", 1.1), ("2026-12-01", 1.3)]]
    side, _ = books(ok(exchange_rates=known))
    assert side.exchange_rate("97", date(2026, 11, 24)) == Decimal("1.1")


def test_more_rows_than_one_call_takes_are_refused_here() -> None:
    side, script = crm()
    with pytest.raises(ValueError, match="100"):
        side.update_records("Deals", [{"id": "1"}] * 101)
    assert script.asked == []


def test_many_records_are_read_a_hundred_at_a_time() -> None:
    side, script = crm(rows({"id": "1"}), Scripted(204))
    assert side.records("Deals", [str(number) for number in range(150)], ["Deal_Name"]) == [{"id": "1"}]
    assert len(script.query(0)["ids"].split(",")) == 100
