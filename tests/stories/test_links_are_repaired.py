"""Links that are broken, one-sided or doubled: named by themselves, repaired by people, and nobody is made twice."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from accounts.models import AuditEvent, Connection, User
from invoicing import successors
from invoicing.models import Conversion, Deal, Invoice
from invoicing.tasks import workbench
from syncjobs import link_faults, link_signs, settling, vanishing
from syncjobs.models import Disappearance, Link, Mapping, Plan, Record, Run
from syncjobs.reading import feed_of
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.kept_states import KeptStates
from tests.people import browser
from tests.stories.test_customers_in_step import mapping, sync
from tests.stories.test_duplicates import aligned
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["aligned", "mapping", "sync", "KeptStates", "Mapping"]  # fixtures
ACME = "Acme Ltd"


@pytest.fixture
def night(company: Connection, aligned: Callable[[], Run], clock: SteppedClock) -> Callable[[], list[Link]]:
    """All links are looked at; those to repair."""

    def looked() -> list[Link]:
        link_faults.find(company, clock, whole=True)
        return list(link_faults.to_repair(company).order_by("pk"))

    return looked


@pytest.fixture
def noticed(company: Connection, clock: SteppedClock) -> Callable[[], None]:
    """The full listings and the hourly looks for what is gone, and into what it was merged."""

    def told() -> None:
        for kind in ("customer", "account"):
            run = start_run(company, kind, clock, full=True, trigger="command", doorbell=False)
            work_to_end(run, bulk_reader(), patience=3600)
        for _ in range(2):
            clock.advance(3700)
            vanishing.look_for_gone(company, bulk_reader().clients(company), clock)
        successors.notice_inactive(company, clock)
        successors.follow(company, workbench())

    return told


def record(kind: str, name: str) -> Record:
    return Record.objects.get(kind=kind, name=name)


def link_of(account: str) -> Link:
    return Link.objects.get(pair="customer", crm_id=record("account", account).remote_id)


def linked(company: Connection, account: str, customer: Record, clock: SteppedClock, currency: str = "EUR") -> Link:
    """As a person linked them once."""
    return Link.objects.create(
        connection=company, pair="customer", crm_kind="account", crm_id=record("account", account).remote_id,
        books_id=customer.remote_id, currency=currency, how="person", made_at=clock.now(),
    )  # fmt: skip


def new_customer(zoho: Simulator, name: str, **more: Any) -> str:
    return str(zoho.user_create("books", "contacts", {"contact_name": name, **more})["contact_id"])


def merge(zoho: Simulator, loser: Record | str, master: Record | str, module: str = "contacts") -> None:
    """In that system's own tool."""
    ids = [one.remote_id if isinstance(one, Record) else one for one in (loser, master)]
    zoho.act("books" if module == "contacts" else "crm", module, ids[0], "merge", {"into": ids[1]})


def customers(zoho: Simulator) -> int:
    return len(zoho.verbs("books").rows(zoho, "contacts"))


def page(link: Link, who: str = "cy") -> str:
    return browser(who).get(f"/admin/syncjobs/link/{link.pk}/change/").content.decode()


def pressed(link: Link, deed: str, who: str = "cy") -> str:
    """The button, what it shows, and the second press."""
    address = f"/admin/syncjobs/link/{link.pk}/repair/{deed}/"
    shown = browser(who).get(address).content.decode()
    assert "What will change" in shown
    return shown + browser(who).post(f"{address}now/", follow=True).content.decode()


def test_where_all_is_in_order_nothing_is_to_be_repaired(night: Callable[[], list[Link]]) -> None:
    assert Link.objects.count() > 30 and night() == []
    shown = browser("cy").get("/admin/syncjobs/link/?tab=all").content.decode()
    assert "In order" in shown and "To repair" in shown


def test_a_customer_merged_in_books_breaks_its_link_and_the_sale_waits_for_the_survivor(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    """S39 without a guide: nobody is made, the sentence says where to go, the button repairs it"""
    old = record("customer", ACME)
    master = new_customer(zoho, "Holding of the North Sea")
    merge(zoho, old, master)
    noticed()
    (link,) = night()
    assert (link.fault, link.fault_why, link.fault_with) == ("broken", "books_merged", master)
    made = customers(zoho)
    held = press(deal("Warehouse fit-out"))
    assert held.state == "refused" and "merged into Holding of the North Sea" in held.problems[0]["message"]
    assert (
        f"/admin/syncjobs/link/{link.pk}/change/"
        in browser("cy").get(f"/admin/invoicing/deal/{held.deal_id}/").content.decode()
    )
    assert "Repair the link" in browser("ben").get(f"/admin/invoicing/conversion/{held.pk}/").content.decode()
    shown = page(link)
    assert "was merged into Holding of the North Sea in Books" in shown and "Link to Holding" in shown
    assert "Linked to Holding of the North Sea" in pressed(link, "follow")
    link.refresh_from_db()
    assert (link.books_id, link.fault, link.fault_since) == (master, "", None)
    assert not Invoice.objects.filter(customer_id=old.remote_id).exists()
    assert not Disappearance.objects.filter(ended_at=None).exists()
    assert AuditEvent.objects.filter(verb="follow_link", actor="cy").exists()
    done = press(deal("Warehouse fit-out"))
    assert done.state == "done" and done.customer_id == master and customers(zoho) == made


def test_a_link_to_a_deleted_customer_holds_the_sale_until_it_is_undone_and_then_it_is_found_anew(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    """Orchard Foods has no documents in Books, so Books lets it be deleted"""
    link = link_of("Orchard Foods")
    zoho.user_delete("books", "contacts", link.books_id)
    noticed()
    (broken,) = night()
    assert broken == link and broken.fault_why == "books_gone"
    before = customers(zoho)
    held = press(deal("Staff lockers"))
    assert held.state == "refused" and "is no longer in Books" in held.problems[0]["message"]
    assert customers(zoho) == before, "no new customer behind anybody's back"
    assert "are no longer linked" in pressed(link, "undo")
    assert (
        "undone already"
        in browser("cy").post(f"/admin/syncjobs/link/{link.pk}/repair/undo/now/", follow=True).content.decode()
    )
    done = press(deal("Staff lockers"))
    assert done.state == "done" and customers(zoho) == before + 1
    assert link_of("Orchard Foods").how == "created" and night() == []


def test_an_account_deleted_in_crm_breaks_its_link_and_its_contact_is_not_billed_as_somebody_else(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator,
) -> None:  # fmt: skip
    link, sale = link_of("Delta Foods"), deal("June order")
    zoho.user_delete("crm", "Accounts", link.crm_id)
    noticed()
    (broken,) = night()
    assert broken == link and broken.fault_why == "crm_gone"
    before = customers(zoho)
    assert press(sale).state == "refused" and customers(zoho) == before
    assert "was deleted in CRM" in page(link) and "What zbridge knows of the record that is gone" in page(link)
    assert "are no longer linked" in pressed(link, "undo")
    assert not Disappearance.objects.filter(ended_at=None).exists() and night() == []


def test_accounts_merged_in_crm_keep_their_customer_before_and_after_the_link_follows(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator,
) -> None:  # fmt: skip
    """Nothing of the two is alike, and nobody was asked: the sale is billed to the customer that it always had"""
    link, before = link_of(ACME), customers(zoho)
    master = str(zoho.user_create("crm", "Accounts", {"Account_Name": "Holding of the North Sea"})["id"])
    merge(zoho, link.crm_id, master, "Accounts")
    noticed()
    assert [(one.pk, one.fault_why, one.fault_with) for one in night()] == [(link.pk, "crm_merged", master)]
    Mapping.objects.filter(pair="customer").update(creates_in_books=True)
    done = press(deal("Warehouse fit-out"))
    assert done.state == "done" and done.customer_id == link.books_id and customers(zoho) == before
    assert "Linked to Holding of the North Sea" in pressed(link, "follow", "ben")
    link.refresh_from_db()
    assert link.crm_id == master and night() == [] and deal("Warehouse fit-out").account_id == master


def test_while_crm_still_names_the_gone_account_on_the_deal_nobody_else_is_billed(
    company: Connection, night: Callable[[], list[Link]], deal: Callable[[str], Deal], clock: SteppedClock
) -> None:
    sale = deal("June order")
    Record.objects.filter(kind="account", remote_id=sale.account_id).update(gone_at=clock.now())
    shown = browser("ben").get(f"/admin/invoicing/deal/{sale.pk}/").content.decode()
    assert ", Delta Foods, was deleted or merged in CRM" in shown and "No other customer was made for it" in shown


def test_two_customers_of_one_account_in_the_same_currency_are_doubled_and_one_is_kept(
    company: Connection, night: Callable[[], list[Link]], zoho: Simulator, clock: SteppedClock,
    noticed: Callable[[], None],
) -> None:  # fmt: skip
    """A customer for each currency is right; Books lets an unused one's currency be changed"""
    second = new_customer(zoho, "Acme Overseas", currency_id=currency(zoho, "USD"))
    noticed()
    dollars = linked(company, ACME, Record.objects.get(kind="customer", remote_id=second), clock, "USD")
    assert night() == [], "two customers in two currencies are right"
    euros = Link.objects.get(crm_id=dollars.crm_id, currency="EUR")
    zoho.user_update("books", "contacts", second, {"currency_id": currency(zoho, "EUR")})
    noticed()
    assert [one.fault_why for one in night()] == ["one_in_crm", "one_in_crm"]
    assert "two links in one currency" in page(euros) and "Acme Overseas" in page(euros)
    said = pressed(euros, "keep")
    assert "Undone: Acme Ltd in CRM is Acme Overseas in Books." in said and "This link is kept" in said
    assert not Link.objects.filter(pk=dollars.pk).exists() and night() == []
    assert AuditEvent.objects.filter(verb="unlink", actor="cy").exists()


def currency(zoho: Simulator, code: str) -> str:
    rows = zoho.verbs("books").rows(zoho, "currencies")
    return next(str(row["currency_id"]) for row in rows if row["currency_code"] == code)


def test_two_accounts_whose_customers_were_merged_are_doubled_and_the_kept_one_follows_the_merge(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], zoho: Simulator
) -> None:
    goes, stays = link_of(ACME), link_of("Solway Marine")
    merge(zoho, goes.books_id, stays.books_id)
    noticed()
    assert {(one.pk, one.fault_why) for one in night()} == {(goes.pk, "one_in_books"), (stays.pk, "one_in_books")}
    shown = page(goes)
    assert "They are one customer in Books by now" in shown and "Keep this one" in shown
    said = pressed(goes, "keep")
    assert "Undone: Solway Marine in CRM is Solway Marine in Books." in said
    goes.refresh_from_db()
    assert goes.books_id == stays.books_id and not Link.objects.filter(pk=stays.pk).exists()
    assert night() == [] and not Disappearance.objects.filter(ended_at=None).exists()


def test_a_customer_that_names_another_account_is_one_sided_until_a_person_says_that_the_link_is_right(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], zoho: Simulator
) -> None:
    """Zoho's own integration left its id there"""
    link, other = link_of(ACME), record("account", "Kestrel Air")
    zoho.user_update("books", "contacts", link.books_id, {"zcrm_account_id": other.remote_id})
    noticed()
    (found,) = night()
    assert (found.pk, found.fault_why, found.fault_with) == (link.pk, "other_sign", other.remote_id)
    assert "itself says that it belongs to Kestrel Air" in page(link)
    assert "The link stays" in pressed(link, "accept", "ben")
    assert night() == [] and link_of(ACME).books_id == link.books_id
    solway = record("account", "Solway Marine").remote_id
    zoho.user_update("books", "contacts", link.books_id, {"zcrm_account_id": solway})
    noticed()
    assert [one.pk for one in night()] == [link.pk], "another id is a new question"


def test_a_customer_that_zbridge_made_and_that_lost_its_key_or_bears_anothers_is_one_sided(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator, cy: User, clock: SteppedClock,
) -> None:  # fmt: skip
    press(deal("Archive move"))
    link = link_of("Fjord Analytics AS")
    noticed()
    assert link.how == "created" and night() == []
    for value, why in (("ZB-SOMEBODYELSESKEY00", "other_sign"), ("", "no_sign")):
        key = [{"api_name": company.customer_key_name, "value": value}]
        zoho.user_update("books", "contacts", link.books_id, {"custom_fields": key})
        noticed()
        assert [(one.pk, one.fault_why) for one in night()] == [(link.pk, why)]
    assert "no longer says so itself" in page(link)
    said = pressed(link, "sign")
    assert "nothing is written until somebody applies it" in said and "Apply exactly this" in said
    assert pressed(link, "sign").count("Apply exactly this") == 1 and Plan.objects.filter(purpose="sign").count() == 1
    run = settling.apply_plan(Plan.objects.get(purpose="sign"), cy, clock)
    assert work_to_end(run, bulk_reader(), patience=3600).state == "complete"
    noticed()
    assert night() == [] and link_signs.lost_key(link) == ""


def test_a_customer_made_inactive_by_a_merge_is_followed_by_what_was_billed_to_it(
    company: Connection, night: Callable[[], list[Link]], noticed: Callable[[], None], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    zoho.switches.change({"books_merged_contact": "inactive"})
    assert press(deal("Warehouse fit-out")).state == "done"
    link, master = link_of(ACME), new_customer(zoho, "Holding of the North Sea")
    merge(zoho, link.books_id, master)
    work_to_end(start_run(company, "invoice", clock, full=True, doorbell=False), bulk_reader(), patience=3600)
    noticed()
    assert [(one.pk, one.fault_why, one.fault_with) for one in night()] == [(link.pk, "books_merged", master)]


def test_what_moved_is_looked_at_soon_after_and_a_fault_that_is_healed_goes_by_itself(
    company: Connection, night: Callable[[], list[Link]], zoho: Simulator, clock: SteppedClock
) -> None:
    night()
    assert not link_faults.due(company, clock)
    link = link_of(ACME)
    clock.advance(60)
    forget(company, [link.books_id], clock)
    Disappearance.objects.create(
        connection=company, kind="customer", remote_id=link.books_id, name=ACME, state="gone",
        seen_at=company.now(clock), gone_at=company.now(clock), other_id=link.crm_id,
    )  # fmt: skip
    assert link_faults.due(company, clock) and link_faults.find(company, clock) == 1
    assert link_of(ACME).fault_since == company.now(clock) and not link_faults.due(company, clock)
    seen_again(company, link.books_id, clock)
    clock.advance(1000)
    assert link_faults.due(company, clock) and link_faults.find(company, clock) == 0
    assert link_of(ACME).fault_since is None


def forget(company: Connection, customers: list[str], clock: SteppedClock) -> None:
    """As when Books shows them no more."""
    feed_of("customer", settings.ZBRIDGE_FEEDS).forget(company, customers, company.now(clock))


def seen_again(company: Connection, customer: str, clock: SteppedClock) -> None:
    """As when Books shows it after all."""
    row = Record.objects.get(connection=company, kind="customer", remote_id=customer)
    feed_of("customer", settings.ZBRIDGE_FEEDS).absorb(company, [json.loads(row.raw)], company.now(clock))


def test_who_may_look_and_who_repairs(
    company: Connection, night: Callable[[], list[Link]], clock: SteppedClock
) -> None:
    link = link_of(ACME)
    forget(company, [link.books_id], clock)
    night()
    assert "Undo this link" in page(link, "cy")
    assert "A RevOps administrator repairs links" in page(link, "ben") and "Undo this link" not in page(link, "dee")
    for who in ("ada", "ben", "dee"):
        assert browser(who).post(f"/admin/syncjobs/link/{link.pk}/repair/undo/now/").status_code == 403
        assert browser(who).get(f"/admin/syncjobs/link/{link.pk}/repair/undo/").status_code == 403
    assert browser("cy").get(f"/admin/syncjobs/link/{link.pk}/repair/nonsense/").status_code == 404
    said = browser("cy").get(f"/admin/syncjobs/link/{link.pk}/repair/keep/", follow=True).content.decode()
    assert "nothing was changed" in said and Link.objects.filter(pk=link.pk).exists()
    listed = browser("dee").get("/admin/syncjobs/link/?tab=repair").content.decode()
    assert "Broken: deleted in Books" in listed and "1–1 of 1" in listed
    exported = browser("dee").get("/admin/syncjobs/link/export/?tab=repair&format=csv")
    assert "books_gone" in b"".join(exported).decode()


def test_the_list_to_repair_asks_the_database_as_often_for_thirty_as_for_three(
    company: Connection, night: Callable[[], list[Link]], clock: SteppedClock,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    counts = []
    for many in (3, 30):
        ids = list(Link.objects.filter(pair="customer").order_by("pk").values_list("books_id", flat=True)[:many])
        forget(company, ids, clock)
        assert len(night()) == many
        page_of = browser("cy")
        page_of.get("/admin/syncjobs/link/?tab=repair")
        with django_assert_max_num_queries(12) as asked:
            assert page_of.get("/admin/syncjobs/link/?tab=repair").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
