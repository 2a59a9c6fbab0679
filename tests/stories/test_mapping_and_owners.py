"""Mapping and owners: fields of both systems, one owner for each, and the page says what the engine does."""

from dataclasses import replace

import pytest

from accounts.clients import seams
from accounts.models import Connection, User
from syncjobs.domain.live_fields import unfit
from syncjobs.domain.mapping import Direction, read
from syncjobs.domain.records import Side
from syncjobs.live_fields import known_fields, read_fields
from syncjobs.mappings import fields_of, mapped_crm_fields, mapping_of
from syncjobs.models import Mapping
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.books_settings import delete_field

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(company: Connection, clock: SteppedClock) -> Connection:
    """Brightwater, whose fields were read from both systems."""
    read_fields(company, seams().clients(company), clock)
    return company


@pytest.fixture
def mapping(told: Connection, clock: SteppedClock) -> Mapping:
    """The suggested mapping of accounts and customers."""
    return mapping_of(told, "customer", clock)


def test_the_fields_of_both_systems_are_known_with_type_length_and_choices(told: Connection) -> None:
    crm, books = known_fields(told, "customer")
    segment, name = crm["Segment"], crm["Account_Name"]
    assert (segment.type, segment.choices, segment.custom) == (
        "picklist",
        ("Retail", "Wholesale", "Public sector"),
        True,
    )
    assert (name.length, name.mandatory, crm["Created_Time"].read_only) == (200, True, True)
    assert (books["cf:cf_sales_rep"].length, books["billing_address.city"].length) == (100, 100)
    assert "Parent_Account" not in crm


def test_the_suggested_mapping_has_twenty_fields_that_both_systems_have(told: Connection, mapping: Mapping) -> None:
    crm, books = known_fields(told, "customer")
    lines = fields_of(mapping)
    assert len(lines) >= 20
    assert all(line.crm in crm and line.books in books for line in lines)
    assert {"text", "phone", "picklist", "amount", "day"} <= {line.transform.name for line in lines}


def test_a_suggested_line_whose_field_a_system_lacks_is_left_out(
    company: Connection, zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    delete_field(zoho, "contacts", "cf_sales_rep")
    read_fields(company, seams().clients(company), clock)
    assert "rep" not in {line.name for line in fields_of(mapping_of(company, "customer", clock))}


def test_several_fields_can_be_read_as_one_text_and_are_never_written(
    told: Connection, cy: User, zoho: Simulator, clock: SteppedClock
) -> None:
    crm, books = known_fields(told, "customer")
    address = "Billing_Street+Billing_Code+Billing_City+Billing_State+Billing_Country"
    assert crm[address].read_only
    mapping = mapping_of(told, "customer", clock)
    mapping.lines.filter(name="notes").update(crm=address)
    assert {"Billing_Street", "Billing_Country"} <= set(mapped_crm_fields(told, "account"))
    (notes,) = [line for line in fields_of(mapping) if line.name == "notes"]
    row = {
        "Billing_Street": "Heckenweg 17",
        "Billing_Code": "37073",
        "Billing_City": "Göttingen",
        "Billing_State": None,
    }
    assert read(notes, Side.CRM, row) == "Heckenweg 17 37073 Göttingen"
    assert not list(unfit(notes, Side.CRM, crm[address]))
    both_ways = replace(notes, direction=Direction.BOTH)
    assert "can't be written" in " ".join(unfit(both_ways, Side.CRM, crm[address]))
