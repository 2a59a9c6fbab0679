"""CRM's notification channels: switched on by a person, renewed before they end, subscribed anew when they ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Alarm, AuditEvent, Notice
from syncjobs import channels, hooks
from syncjobs.models import Channel, Hint, HookAddress, Run
from syncjobs.tasks import keep_channels
from tests.people import person
from tests.stories.knocking import PUBLIC, Post
from tests.stories.small_trade import Trade
from zbridge.simulator.crm_notify import is_open

pytestmark = pytest.mark.django_db(transaction=True)
MODULES = ["Deals", "Quotes", "Accounts", "Contacts", "Products"]


@pytest.fixture
def trade(trade: Trade, settings: Any) -> Trade:
    settings.ZBRIDGE_PUBLIC_URL = PUBLIC
    return trade


@pytest.fixture
def post(trade: Trade) -> Post:
    return Post(trade.connection, trade.simulator, trade.seams)


@pytest.fixture
def on(trade: Trade, post: Post) -> Trade:
    """Cy switched notifications on."""
    channels.switch(trade.connection, person("cy"), trade.clock, on=True)
    keep_channels(trade.connection.pk)
    return trade


def rows(trade: Trade) -> list[Channel]:
    return list(Channel.objects.filter(connection=trade.connection))


def watched(trade: Trade) -> list[dict[str, Any]]:
    """The channels as CRM has them, open ones only."""
    found = trade.simulator.store.setting("channels", [])
    return [row for row in found if is_open(trade.simulator, row)]


def calls(trade: Trade, method: str) -> int:
    found = [one for one in trade.simulator.log.since(0) if one["path"].endswith("/actions/watch")]
    return sum(one["method"] == method for one in found)


def test_every_module_is_subscribed_in_one_call_with_its_own_token(on: Trade) -> None:
    assert [row.module for row in rows(on)] == MODULES
    assert calls(on, "POST") == 1
    found = watched(on)
    assert len({row["token"] for row in found}) == len({row["channel_id"] for row in found}) == 5
    assert {row["notify_url"] for row in found} == {hooks.url(HookAddress.objects.get(sort="crm"))}
    assert all(row.expires_at for row in rows(on))


def test_a_change_in_crm_comes_into_the_inbox(on: Trade, post: Post) -> None:
    deal = on.deal("Shelves")
    post.take()
    on.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    assert post.bring() == [200]
    assert list(Hint.objects.values_list("kind", "remote_id")) == [("deal", deal.crm_id)]


def test_a_forged_notification_is_refused_and_a_repeated_one_is_counted(on: Trade, post: Post) -> None:
    deal = on.deal("Shelves")
    post.take()
    on.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    post.bring()
    number = post.sent(module="Deals")[-1]["n"]
    assert post.again(number, forged=True) == [401]
    assert [post.again(number) for _ in range(3)] == [[200]] * 3
    assert list(Hint.objects.filter(kind="deal").values_list("times", flat=True)) == [4]


def test_channels_are_renewed_at_half_their_life_and_not_before(on: Trade) -> None:
    on.clock.advance(timedelta(days=2, hours=23).total_seconds())
    keep_channels(on.connection.pk)
    assert calls(on, "PATCH") == 0
    before = [row.expires_at for row in rows(on)]
    on.clock.advance(timedelta(hours=2).total_seconds())
    keep_channels(on.connection.pk)
    keep_channels(on.connection.pk)
    assert calls(on, "PATCH") == 1 and calls(on, "POST") == 1
    assert all(row.expires_at and old and row.expires_at > old for row, old in zip(rows(on), before, strict=True))
    assert len(watched(on)) == 5


def test_what_crm_grants_counts_and_not_what_was_asked(on: Trade) -> None:
    """Were it only an hour, it would be renewed each half hour."""
    hour = on.connection.now(on.clock) + timedelta(hours=1)
    Channel.objects.update(granted_at=on.connection.now(on.clock), expires_at=hour)
    on.clock.advance(31 * 60)
    keep_channels(on.connection.pk)
    assert calls(on, "PATCH") == 1


def test_a_channel_that_ended_while_we_were_down_is_subscribed_anew_and_its_list_read(on: Trade, post: Post) -> None:
    on.clock.advance(timedelta(days=9).total_seconds())
    assert watched(on) == []
    on.simulator.user_update("crm", "Products", on.ids["product"], {"Product_Name": "Long shelf"})
    assert post.bring() == []
    Run.objects.all().delete()
    keep_channels(on.connection.pk)
    assert len(watched(on)) == 5
    started = Run.objects.filter(trigger="hint", full=False)
    assert set(started.values_list("kind", flat=True)) == {"deal", "quote", "account", "contact", "product"}


def test_a_channel_that_crm_lost_is_subscribed_anew(on: Trade) -> None:
    on.simulator.store.set("channels", [])
    on.clock.advance(timedelta(days=4).total_seconds())
    keep_channels(on.connection.pk)
    assert len(watched(on)) == 5
    assert not Channel.objects.exclude(trouble="").exists()


def test_another_public_address_is_told_to_crm(on: Trade, settings: Any) -> None:
    settings.ZBRIDGE_PUBLIC_URL = "http://127.0.0.1:8001"
    keep_channels(on.connection.pk)
    assert {row["notify_url"][:21] for row in watched(on)} == {"http://127.0.0.1:8001"}


def test_a_lost_answer_is_asked_again_and_ends_in_the_same_channels(trade: Trade) -> None:
    trade.fault("actions/watch", drop_after=True)
    channels.switch(trade.connection, person("cy"), trade.clock, on=True)
    keep_channels(trade.connection.pk)
    assert len(watched(trade)) == 5 and all(row.trouble for row in rows(trade))
    trade.clock.advance(61)
    keep_channels(trade.connection.pk)
    assert len(watched(trade)) == 5 and not any(row.trouble for row in rows(trade))


def test_one_module_that_crm_refuses_holds_no_other(trade: Trade) -> None:
    channels.switch(trade.connection, person("cy"), trade.clock, on=True)
    Channel.objects.filter(module="Deals").update(channel_id="not a number")
    keep_channels(trade.connection.pk)
    assert [bool(row.trouble) for row in rows(trade)] == [True, False, False, False, False]
    assert len(watched(trade)) == 4


def test_an_ending_channel_that_isn_t_renewed_alarms_once_and_its_return_is_told(on: Trade) -> None:
    on.clock.advance(timedelta(days=5, hours=3).total_seconds())
    fault = on.simulator.faults.add({"path": "actions/watch", "status": 503})
    for _ in range(5):
        keep_channels(on.connection.pk)
        on.clock.advance(3600)
    told = Notice.objects.filter(event__startswith="channels")
    assert told.count() == 1 and Alarm.objects.filter(kind="channels", closed_at=None).count() == 1
    on.simulator.faults.remove(fault)
    on.clock.advance(3600)
    keep_channels(on.connection.pk)
    assert told.count() == 2 and not Alarm.objects.filter(kind="channels", closed_at=None).exists()


def test_switched_off_crm_says_nothing_more_and_what_still_comes_is_ignored(on: Trade, post: Post) -> None:
    deal = on.deal("Shelves")
    post.take()
    on.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "In flight"})
    channels.switch(on.connection, person("cy"), on.clock, on=False)
    channels.silence(on.connection, on.seams.clients(on.connection), on.clock)
    assert post.bring() == [200]
    on.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "Silence"})
    assert post.bring() == [] and not Hint.objects.exists()
    assert calls(on, "DELETE") == 0
    assert not channels.due(on.connection, on.clock)
    assert AuditEvent.objects.filter(verb="notifications", actor="cy").count() == 2


def test_switched_on_again_each_channel_has_another_token(on: Trade) -> None:
    before = {row["token"] for row in watched(on)}
    channels.switch(on.connection, person("cy"), on.clock, on=False)
    channels.silence(on.connection, on.seams.clients(on.connection), on.clock)
    channels.switch(on.connection, person("cy"), on.clock, on=True)
    keep_channels(on.connection.pk)
    after = {row["token"] for row in watched(on) if row["events"]}
    assert len(after) == 5 and not before & after


def test_without_a_public_address_crm_is_asked_for_nothing(trade: Trade, settings: Any) -> None:
    settings.ZBRIDGE_PUBLIC_URL = ""
    channels.switch(trade.connection, person("cy"), trade.clock, on=True)
    keep_channels(trade.connection.pk)
    assert calls(trade, "POST") == 0


@pytest.mark.parametrize(("url", "fits"), [
    ("https://zbridge.example", True), ("http://zbridge.example", False), ("https://127.0.0.1", False), ("", False),
    ("https://localhost", False), ("https://10.0.0.5", False), ("https://bridge.local", False),
])  # fmt: skip
def test_which_addresses_real_zoho_can_reach(trade: Trade, settings: Any, url: str, fits: bool) -> None:
    settings.ZBRIDGE_PUBLIC_URL = url
    trade.connection.data_centre = "eu"
    assert (hooks.unreachable(trade.connection) == "") is fits


def test_the_expiry_is_kept_on_zoho_s_clock(on: Trade) -> None:
    for row in rows(on):
        there = next(one for one in watched(on) if one["channel_id"] == row.channel_id)
        assert row.expires_at == datetime.fromisoformat(there["channel_expiry"])
