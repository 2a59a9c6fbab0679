"""The page Near real time: what Cy switches there, what Dee may not, and that secrets are shown to one and once."""

from html import unescape
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from syncjobs import hooks
from syncjobs.models import Channel, Hint, HookAddress
from syncjobs.tasks import work_hints
from tests.people import browser
from tests.stories.knocking import PUBLIC, Post
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/admin/syncjobs/hooks/"


@pytest.fixture
def trade(trade: Trade, settings: Any) -> Trade:
    settings.ZBRIDGE_PUBLIC_URL = PUBLIC
    return trade


def press(trade: Trade, what: str, name: str = "cy") -> Any:
    return browser(name).post(f"{HOME}{trade.connection.pk}/{what}/", follow=True)


def said(answer: Any) -> str:
    return " ".join(unescape(str(answer.content.decode())).split())


def look(trade: Trade, name: str = "cy") -> str:
    return said(browser(name).get(f"{HOME}{trade.connection.pk}/"))


def test_cy_switches_notifications_on_and_off(trade: Trade) -> None:
    assert "Switch notifications on" in look(trade)
    page = said(press(trade, "on"))
    assert page.count('<span class="house-tone success">On</span>') == 5
    assert "CRM tells zbridge of changes; Books does once" in page
    page = said(press(trade, "off"))
    assert "Changes are seen when the lists are read." in page
    assert page.count('<span class="house-tone info">Off</span>') == 5


def test_what_crm_refuses_stands_beside_its_module(trade: Trade) -> None:
    trade.simulator.faults.add({"path": "actions/watch", "status": 503})
    page = said(press(trade, "on"))
    assert page.count('<span class="house-tone warning">Not on</span>') == 5 and "Asked again" in page


def test_without_a_public_address_the_page_says_what_lag_to_expect(trade: Trade, settings: Any) -> None:
    settings.ZBRIDGE_PUBLIC_URL = ""
    page = look(trade)
    assert "zbridge has no public address, so Zoho can't reach it." in page
    assert "Deals: up to 5 minutes" in page and "Switch notifications on" not in page
    assert "Nothing was switched on." in said(press(trade, "on"))
    assert not Channel.objects.exists()


def test_addresses_and_secrets_are_shown_once_to_who_asks_and_that_is_noted(trade: Trade) -> None:
    page = said(press(trade, "show"))
    books, convert = (HookAddress.objects.get(sort=sort) for sort in ("books", "convert"))
    hidden = [hooks.url(books), hooks.signing_secret(books), hooks.url(convert)]
    assert all(one in page for one in hidden)
    assert not [one for one in hidden for name in ("cy", "dee") if one in look(trade, name)]
    assert AuditEvent.objects.filter(verb="hook_shown", actor="cy").count() == 1


def test_a_new_secret_is_shown_with_how_long_the_old_one_is_good(trade: Trade) -> None:
    press(trade, "show")
    before = hooks.signing_secret(HookAddress.objects.get(sort="books"))
    page = said(press(trade, "change/books"))
    after = hooks.signing_secret(HookAddress.objects.get(sort="books"))
    assert after in page and before not in page and before != after
    assert "The old secret is good until" in page
    assert press(trade, "change/crm").status_code == 404


def test_the_last_hints_stand_there_with_what_came_of_them(trade: Trade) -> None:
    post = Post(trade.connection, trade.simulator, trade.seams)
    press(trade, "on")
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More"})
    letters = post.take()
    post.bring(letters)
    assert "Waits" in look(trade, "dee")
    work_hints(trade.connection.pk)
    post.bring(letters)
    page = look(trade, "dee")
    assert "Read; it had changed." in page and "2 times" in page and "Last believed" in page


def test_who_looks_and_who_presses(trade: Trade) -> None:
    at = f"{HOME}{trade.connection.pk}/"
    assert [browser(name).get(at).status_code for name in ("ada", "ben", "cy", "dee")] == [403, 403, 200, 200]
    assert "/syncjobs/hooks/1/on/" in look(trade).replace(f"/{trade.connection.pk}/", "/1/")
    assert f'action="{at}' not in look(trade, "dee")
    for what in ("on", "off", "show", "change/books"):
        for name in ("ada", "ben", "dee"):
            assert press(trade, what, name).status_code == 403
        assert browser("cy").get(f"{at}{what}/").status_code == 405
    assert not HookAddress.objects.exists()


def test_as_many_queries_for_many_hints_as_for_none(trade: Trade) -> None:
    client = browser("cy")
    press(trade, "on")

    def asked() -> int:
        client.get(f"{HOME}{trade.connection.pk}/")
        with CaptureQueriesContext(database) as queries:
            client.get(f"{HOME}{trade.connection.pk}/")
        return len(queries)

    few = asked()
    now = trade.clock.now()
    Hint.objects.bulk_create(
        Hint(
            connection=trade.connection, sort="crm", kind="deal", remote_id=str(number), digest=str(number),
            arrived_at=now, last_at=now, done_at=now if number % 2 else None,
        )
        for number in range(400)
    )  # fmt: skip
    assert asked() == few < 32
