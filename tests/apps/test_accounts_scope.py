"""Who sees what: the one scoping function, and the table of roles."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Model

from accounts.models import Connection, Exchange, User
from accounts.roles import ROLES, may
from accounts.scope import visible
from invoicing.models import Conversion, Deal, Invoice, Quote
from syncjobs.models import Link, Record, Run
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock

SEEN = {Deal: "name", Quote: "subject", Conversion: "key", Invoice: "number", Record: "name"}


@pytest.fixture
def world(ada: User, clock: SteppedClock) -> Connection:
    """Ada's deal with its account, customer, quote, draft and invoice; and the same of Raj."""
    ada.crm_user_id = "u-ada"
    ada.save()
    connection = connected(clock)
    for who in ("ada", "raj"):
        rows_of(connection, who, {"read_at": clock.now(), "digest": "0"}, clock)
    return connection


def rows_of(connection: Connection, who: str, read: dict[str, Any], clock: SteppedClock) -> None:
    mine = {"connection": connection, **read}
    deal = Deal.objects.create(
        **mine, crm_id=f"d-{who}", name=f"deal {who}", owner_id=f"u-{who}", account_id=f"a-{who}"
    )
    Quote.objects.create(**mine, crm_id=f"q-{who}", subject=f"quote {who}", deal_id=f"d-{who}", owner_id=f"u-{who}")
    Record.objects.create(**mine, kind="account", remote_id=f"a-{who}", name=f"account {who}")
    Record.objects.create(**mine, kind="customer", remote_id=f"c-{who}", name=f"customer {who}")
    Record.objects.create(**mine, kind="item", remote_id=f"i-{who}", name=f"item {who}")
    Link.objects.create(
        connection=connection, pair="customer", crm_kind="account", crm_id=f"a-{who}", books_id=f"c-{who}",
        how="person", made_at=clock.now(),
    )  # fmt: skip
    Conversion.objects.create(
        connection=connection, deal=deal, sale=f"deal:d-{who}", key=f"key {who}", requested_at=clock.now()
    )
    Invoice.objects.create(
        **mine, books_id=f"b-{who}", number=f"invoice {who}", status="sent", customer_id=f"c-{who}", customer_name="x",
        currency="EUR", total=1, balance=1,
    )  # fmt: skip


def names(user: User | AnonymousUser) -> set[str]:
    return {
        str(value)
        for model, column in SEEN.items()
        for value in visible(user, all_of(model)).values_list(column, flat=True)
    }


def all_of(model: type[Model]) -> Any:
    return model._default_manager.all()


def test_a_rep_sees_her_own_deals_and_what_belongs_to_them(ada: User, world: Connection) -> None:
    own = {"deal ada", "quote ada", "key ada", "invoice ada", "account ada", "customer ada"}
    assert names(ada) == own | {"item ada", "item raj"}


@pytest.mark.parametrize("name", ["ben", "cy", "dee"])
def test_finance_revops_and_auditor_see_all(request: pytest.FixtureRequest, world: Connection, name: str) -> None:
    assert len(names(request.getfixturevalue(name))) == 14


def test_a_rep_without_a_crm_user_sees_no_deal(ada: User, world: Connection) -> None:
    Deal.objects.update(owner_id="")
    ada.crm_user_id = ""
    assert names(ada) == {"item ada", "item raj"}


def test_nobody_and_the_deactivated_see_nothing(ben: User, world: Connection) -> None:
    ben.is_active = False
    assert names(AnonymousUser()) == set() and names(ben) == set()


def test_a_model_without_a_rule_shows_a_rep_nothing(ada: User, ben: User, world: Connection) -> None:
    Run.objects.create(connection=world, kind="deal", requested_at=world.created_at)
    assert not visible(ada, Run.objects.all()).exists() and visible(ben, Run.objects.all()).exists()
    assert not visible(ada, Exchange.objects.all()).exists()


def test_a_deal_that_moves_to_another_rep_moves_out_of_sight(ada: User, world: Connection) -> None:
    Deal.objects.filter(crm_id="d-ada").update(owner_id="u-raj")
    assert names(ada) == {"quote ada", "item ada", "item raj"}


DEEDS = {
    "convert": {"ada", "ben"}, "decide": {"ben", "cy"}, "connect": {"cy"}, "stop_writes": {"cy"},
    "bill_anyway": {"ben"}, "run": {"cy"}, "export": {"ada", "ben", "cy", "dee"},
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_who_may_do_what(ada: User, ben: User, cy: User, dee: User, deed: str) -> None:
    assert {user.username for user in (ada, ben, cy, dee) if may(user, deed)} == DEEDS[deed]


@pytest.mark.django_db
def test_the_groups_have_exactly_the_rights_of_the_table() -> None:
    for name, role in ROLES.items():
        rows = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in rows} == set(role.permissions)


def test_no_role_may_delete_or_change_what_is_mirrored(ada: User, ben: User, cy: User, dee: User) -> None:
    rights = {right for user in (ada, ben, cy, dee) for right in user.get_all_permissions()}
    assert {right for right in rights if ".view_" not in right} == {"accounts.add_user", "accounts.change_user"}
