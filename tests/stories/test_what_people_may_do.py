"""S5, S17, S18: a rep converts her own won deals and sees no others; zbridge only ever drafts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Connection, User
from invoicing.models import Conversion, Deal
from tests.stories.conftest import finished
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
DEALS = "/admin/invoicing/deal/"


@pytest.fixture
def rep(ada: User, deal: Callable[[str], Deal]) -> Client:
    """Ada's browser; CRM lists the warehouse fit-out as hers."""
    ada.crm_user_id, ada.is_staff = deal("Warehouse fit-out").owner_id, True
    ada.save()
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def foreign(rep: Client, ada: User) -> Deal:
    """A won deal of somebody else."""
    return Deal.objects.filter(outcome="won").exclude(owner_id=ada.crm_user_id).order_by("pk")[0]


def exported(client: Client, query: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of the list as a file."""
    answer: Any = client.get(f"{DEALS}export/", {**query, "format": "json", "tab": "all"})
    rows: list[dict[str, Any]] = json.loads(answer.getvalue())
    return rows


def test_another_reps_deal_is_in_no_list_search_or_file(rep: Client, foreign: Deal, ada: User) -> None:
    own = Deal.objects.filter(owner_id=ada.crm_user_id).count()
    searched = {"tab": "all", "q": foreign.name}
    link = reverse("documents:deal", args=[foreign.pk])
    for query in ({"tab": "all"}, searched):
        shown = rep.get(DEALS, query)
        assert shown.status_code == 200 and link not in shown.content.decode()
    assert len(exported(rep, {})) == own > 0
    assert foreign.crm_id not in json.dumps(exported(rep, {}) + exported(rep, {"q": foreign.name}))


def test_another_reps_deal_answers_every_deed_as_if_it_were_not_there(rep: Client, foreign: Deal) -> None:
    absent = Deal.objects.order_by("-pk")[0].pk + 1000
    for deed in ("draft", "check", "link", "ask", "attach"):
        answers = [rep.post(reverse(f"documents:{deed}", args=[pk])).status_code for pk in (foreign.pk, absent)]
        assert answers == [404, 404], deed
    assert not Conversion.objects.exists()


def test_another_reps_deal_has_no_page_and_no_short_way(rep: Client, foreign: Deal) -> None:
    assert rep.get(reverse("documents:deal", args=[foreign.pk])).status_code == 404
    ways = [rep.get(f"/go/deal/{crm_id}") for crm_id in (foreign.crm_id, "5437018000009999999")]
    assert [way.status_code for way in ways] == [404, 404]


def test_the_plan_of_a_list_leaves_out_what_she_may_not_see(rep: Client, foreign: Deal) -> None:
    rep.post(reverse("documents:create_planned"), {"deal": [f"{foreign.pk}:"]})
    assert not Conversion.objects.exists()
    assert foreign.name not in rep.get(reverse("documents:plan"), {"ids": str(foreign.pk)}).content.decode()


def test_her_own_deal_she_converts_without_being_in_books(
    rep: Client, deal: Callable[[str], Deal], clock: SteppedClock
) -> None:
    own = deal("Warehouse fit-out")
    answer = rep.post(reverse("documents:draft", args=[own.pk]))
    row = finished(Conversion.objects.get(deal=own), clock)
    assert (answer.status_code, row.state) == (303, "done")
    assert row.invoice_number in rep.get(answer["Location"]).content.decode()


def test_an_open_deal_is_refused_by_the_server_too(
    rep: Client, ada: User, zoho: Simulator, clock: SteppedClock
) -> None:
    """S17: the disabled button is no protection"""
    still_open = Deal.objects.filter(outcome="open", owner_id=ada.crm_user_id).order_by("pk")[0]
    before = zoho.log.last
    page = rep.get(reverse("documents:deal", args=[still_open.pk])).content.decode()
    rep.post(reverse("documents:draft", args=[still_open.pk]))
    row = finished(Conversion.objects.get(deal=still_open), clock)
    assert (row.state, row.problems[0]["cause"]) == ("refused", "not_won")
    assert "disabled" in page and not [one for one in zoho.log.since(before) if one["path"].startswith("/books")]


def test_nobody_who_only_looks_makes_a_draft(dee: User, company: Connection, deal: Callable[[str], Deal]) -> None:
    dee.is_staff = True
    dee.save()
    client = Client()
    client.force_login(dee)
    address = reverse("documents:draft", args=[deal("Warehouse fit-out").pk])
    assert (client.post(address).status_code, Conversion.objects.exists()) == (403, False)
    assert client.get(address).status_code in (403, 405)


def test_a_forged_form_is_no_crash_and_waives_nothing(
    ben: User, deal: Callable[[str], Deal], clock: SteppedClock
) -> None:
    ben.is_staff = True
    ben.save()
    client = Client()
    client.force_login(ben)
    forged = {"waived": ["anything at all"], "reason": "because"}
    client.post(reverse("documents:draft", args=[deal("Warehouse fit-out").pk]), forged)
    assert Conversion.objects.get().accepted == []
    assert client.get(reverse("documents:plan"), {"ids": "²,x,-1"}).status_code == 200
    assert client.get(f"{DEALS}²/change/").status_code in (302, 404)


def test_zbridge_only_drafts_whatever_it_is_asked(
    company: Connection, press: Callable[..., Conversion], zoho: Simulator
) -> None:
    """S5, I6: over every won deal of the demo"""
    won = Deal.objects.filter(outcome="won", won_on__gte=company.go_live).order_by("-pk")
    rows = [press(one) for one in won[:17]]
    assert {row.state for row in rows} >= {"done", "refused"}
    calls = [one for one in zoho.log.since(0) if "/invoices" in one["path"] and one["method"] != "GET"]
    assert {(one["method"], one["path"], one["query"].get("send")) for one in calls} == {
        ("POST", "/books/v3/invoices", "false")
    }
    ids = [row.books_invoice_id for row in rows if row.state == "done"]
    made = [zoho.verbs("books").read(zoho, "invoices", id) or {} for id in ids]
    assert {row["status"] for row in made} == {"draft"} and zoho.store.setting("mails", []) == []
    assert not [one for one in zoho.log.since(0) if one["method"] == "DELETE" and not one["path"].startswith("/_sim")]
