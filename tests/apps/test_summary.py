"""S16: how sales become invoices, on one page; each change stands in the audit trail with before and after."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.connecting import SETTINGS, keep_settings
from accounts.forms import SettingsForm
from accounts.models import AuditEvent, Connection, User
from accounts.summary import NAMES, ROWS
from zbridge.clock import SteppedClock

CHANGES: dict[str, Any] = {
    "parties": "contacts",
    "go_live": "2026-11-01", "amounts": "gross", "line_sources": ["quote"], "subform": "", "amount_item_id": "",
    "default_tax_id": "", "accepted_stages": ["Confirmed"], "excluded_stages": ["Gewonnen"], "reference": "deal",
    "price_policy": "stop", "match_likely": 60, "match_certain": 90,
    "both_discounts": "stop", "discount_before_tax_always": True, "outside_window_days": 30,
    "second_person_over": Decimal("5000.00"), "bill_to_field": "Payer", "location_id": "46",
    "subform_columns": {"product": "Product", "quantity": "Count", "rate": "Price"},
}  # fmt: skip


def page(user: User, row: Connection) -> str:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(database) as frame:
        client.get("/admin/accounts/connection/")
    with CaptureQueriesContext(database) as queries:
        answer = client.get(f"/admin/accounts/connection/{row.pk}/summary/")
    assert answer.status_code == 200 and len(queries) <= len(frame) + 2
    return answer.content.decode()


def test_every_setting_of_the_form_has_its_row(db: None) -> None:
    assert {name for name in SettingsForm.base_fields if name not in NAMES} == set()
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_the_page_says_each_setting_in_words(empty_connection: Connection, ben: User, dee: User) -> None:
    text = page(ben, empty_connection)
    for said in ("1 October 2026", "Closed Won", "Gewonnen", "a draft, always", "finance of each new draft",
                 "Books&#x27; next number", "the customer&#x27;s own", "Net (tax comes on top)"):  # fmt: skip
        assert said in text, said
    assert "Change it" not in text and "Change it" not in page(dee, empty_connection)


def test_a_rep_is_not_shown_the_settings(empty_connection: Connection, ada: User) -> None:
    client = Client()
    client.force_login(ada)
    assert client.get(f"/admin/accounts/connection/{empty_connection.pk}/summary/").status_code == 403


@pytest.mark.parametrize("name", SETTINGS)
def test_each_change_is_kept_with_before_and_after_and_shown(
    empty_connection: Connection, cy: User, clock: SteppedClock, name: str
) -> None:
    before = getattr(empty_connection, name)
    keep_settings(empty_connection, {name: CHANGES[name]}, cy, clock)
    event = AuditEvent.objects.filter(verb="settings").order_by("-pk").first()
    if before == CHANGES[name]:
        assert name not in (event.detail if event else {})
        return
    assert event is not None and event.actor == "cy" and event.detail[name] == [str(before), str(CHANGES[name])]
    assert set(event.detail) <= {name, "subform_columns"}
    row = Connection.objects.get(pk=empty_connection.pk)
    assert "Last changes" in page(cy, row) and "Change it" in page(cy, row)
