"""The first meeting of customers undone: both systems say exactly what they said before, and it stays so."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Connection, User
from syncjobs import settling
from syncjobs.models import Conflict, Mapping, PlannedWrite, Run
from syncjobs.narrowing import undo_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.stories.test_customers_in_step import mapping, pair_of, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["mapping", "sync"]  # fixtures


IN_CRM = ("Website", "VAT_ID", "Payment_Terms", "Billing_City", "Phone")
IN_BOOKS = ("website", "vat_reg_no", "payment_terms", "phone")


def said(zoho: Simulator) -> dict[str, Any]:
    """What the fields of the mapping say in both systems."""
    found: dict[str, Any] = {}
    for row in zoho.verbs("crm").rows(zoho, "Accounts"):
        found[row["id"]] = [row.get(name) or "" for name in IN_CRM]
    for listed in zoho.verbs("books").rows(zoho, "contacts"):
        row = zoho.verbs("books").read(zoho, "contacts", listed["contact_id"]) or {}
        found[row["contact_id"]] = [row[name] for name in IN_BOOKS] + [(row["billing_address"] or {}).get("city")]
    return found


def worked(run: Run) -> Run:
    work_to_end(run, bulk_reader(), patience=3600)
    run.refresh_from_db()
    return run


def test_both_sides_say_what_they_said_before_and_three_more_runs_write_nothing(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    before = said(zoho)
    run = sync()
    assert run.writes > 2 and said(zoho) != before
    clock.advance(60)
    plan = worked(undo_run(run, cy, clock)).plans.get()
    stays = list(plan.writes.filter(outcome="left").values_list("name", "sentence"))
    assert stays == []
    undone = worked(settling.apply_plan(plan, cy, clock))
    assert undone.state == "complete", list(PlannedWrite.objects.filter(plan=plan).values_list("name", "sentence"))
    assert said(zoho) == before
    sync()
    assert [sync().writes for _ in range(3)] == [0, 0, 0]
    assert said(zoho) == before


def test_what_a_person_had_decided_is_undone_on_the_side_that_it_was_written_to(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    sync()
    account, customer = pair_of(company, "Halcyon Clinics")
    phone = Conflict.objects.get(link__crm_id=account, field="phone", closed_at=None)
    settling.settle(phone, "crm", cy, clock)
    run = sync()
    assert run.writes == 1
    clock.advance(60)
    plan = worked(undo_run(run, cy, clock)).plans.get()
    worked(settling.apply_plan(plan, cy, clock))
    assert (zoho.verbs("books").read(zoho, "contacts", customer) or {})["phone"][-4:] == "0199"
    sync()
    assert [sync().writes for _ in range(3)] == [0, 0, 0]
