"""The cards of Today, composed from several rooms: each a bounded look at the rows that wait."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import notices
from accounts.at_hand import connections
from accounts.models import Alarm, User
from accounts.roles import AUDITOR, FINANCE, REP, REVOPS, may
from accounts.scope import visible
from invoicing import price_page
from invoicing.billing import overdue, to_invoice
from invoicing.conversion_admin import ATTENTION
from invoicing.models import Conversion, Deal, Invoice, PriceDrift, Proof, Quote
from invoicing.models.conversions import LIVE
from invoicing.quote_admin import not_billed
from invoicing.review import drafts
from syncjobs.domain.link_faults import SHORT, Why
from syncjobs.freshness import ALARMS
from syncjobs.link_faults import FAULTS
from syncjobs.link_repairs import crm_name, names_of
from syncjobs.models import Comparison, Conflict, Duplicate, Link, Problem, Run
from syncjobs.models.duplicates import OPEN_STATES
from zbridge.site import house
from zbridge.site.badges import open_rows
from zbridge.site.today import MOST, Panel, Waiting, by_currency, panel

State = Conversion.State


def _age(day: date | datetime | None) -> str:
    """“3 days” since then; empty without a day."""
    if day is None:
        return ""
    then = timezone.localtime(day).date() if isinstance(day, datetime) else day
    days = max((timezone.localdate() - then).days, 0)
    return "since today" if days == 0 else "1 day" if days == 1 else f"{days} days"


def _named(rows: list[Any], name: str, said: str) -> tuple[tuple[str, str], ...]:
    """The first three, each by its name and what there is to say."""
    return tuple((str(getattr(row, name)), str(getattr(row, said))) for row in rows[:3])


def _won_not_invoiced(request: HttpRequest) -> Waiting:
    rows = list(to_invoice(visible(request.user, Deal.objects.all())).order_by("won_on")[:MOST])
    money = by_currency((row.amount, row.currency) for row in rows)
    oldest = _age(rows[0].won_on) if rows else ""
    return Waiting(len(rows), money, oldest, _named(rows, "name", "account_name"))


def _quotes(request: HttpRequest) -> Waiting:
    """Accepted since go-live; those that were so before zbridge came wait for nobody."""
    rows = not_billed(visible(request.user, Quote.objects.filter(accepted_before=False)))
    found = list(rows.only("number", "subject", "stop", "total", "currency", "accepted_seen_at")
                 .order_by("accepted_seen_at")[:MOST])  # fmt: skip
    money = by_currency((row.total, row.currency) for row in found)
    named = tuple((str(row), row.stop.removeprefix("No draft was made: ")) for row in found[:3])
    return Waiting(len(found), money, _age(found[0].accepted_seen_at) if found else "", named)


def _stop_quotes(request: HttpRequest) -> tuple[str, str] | None:
    """The one click that stops billing by itself, for those who may."""
    on = next((row for row in connections(request) if row.bill_quotes_since or row.bill_pipelines), None)
    if on is None or not may(request.user, "stop_automatic"):
        return None
    return "Stop billing by itself", reverse("documents:stop_automatic", args=[on.pk])


def _conversions(rows: "QuerySet[Conversion]", said: str = "customer_name") -> Waiting:
    found = list(rows.select_related("deal", "quote").order_by("requested_at")[:MOST])
    money = by_currency((row.total if row.total is not None else row.expected_total, row.currency) for row in found)
    named = tuple((str(row.deal or row.quote), getattr(row, said)) for row in found[:3])
    return Waiting(len(found), money, _age(found[0].requested_at) if found else "", named)


def _drafts(request: HttpRequest) -> Waiting:
    return _conversions(drafts(visible(request.user, Conversion.objects.all())), "invoice_number")


def _attention(request: HttpRequest) -> Waiting:
    return _conversions(visible(request.user, Conversion.objects.filter(ATTENTION, state__in=LIVE)))


def _held(request: HttpRequest) -> Waiting:
    return _conversions(visible(request.user, Conversion.objects.exclude(hold="").filter(state__in=LIVE)), "hold")


def _overdue(request: HttpRequest) -> Waiting:
    rows = list(overdue(visible(request.user, Invoice.objects.all())).order_by("due_on")[:MOST])
    money = by_currency((row.balance, row.currency) for row in rows)
    customers = len({(row.connection_id, row.customer_id) for row in rows})
    return Waiting(customers, money, _age(rows[0].due_on) if rows else "", _named(rows, "number", "customer_name"))


def _connection(request: HttpRequest) -> Waiting:
    found = house.banners(request)
    red = sum(1 for row in connections(request) for check in row.readiness if check.get("state") == "red")
    return Waiting(len(found) + red, rows=tuple((line.text, "") for line in found[:3]))


def _runs(request: HttpRequest) -> Waiting:
    bad = [Run.State.FAILED, Run.State.REFUSED, Run.State.INCOMPLETE, Run.State.PAUSED]
    newer = Run.objects.filter(connection=OuterRef("connection"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    rows = list(visible(request.user, Run.objects.filter(~Exists(newer), state__in=bad)).order_by("pk")[:MOST])
    return Waiting(
        len(rows),
        (),
        _age(rows[0].requested_at) if rows else "",
        tuple((row.title, row.sentence) for row in rows[:3]),
    )


def _late(request: HttpRequest) -> Waiting:
    """The sides whose figures have been older than promised for some minutes."""
    rows = Alarm.objects.filter(kind__in=ALARMS.values(), closed_at=None).select_related("connection")
    found = list(rows.order_by("opened_at")[:MOST])
    return Waiting(len(found), (), _age(found[0].opened_at) if found else "", _named(found, "connection", "sentence"))


def _problems(request: HttpRequest) -> Waiting:
    rows = list(visible(request.user, Problem.objects.filter(closed_at=None)).order_by("opened_at")[:MOST])
    return Waiting(len(rows), (), _age(rows[0].opened_at) if rows else "", _named(rows, "subject_name", "sentence"))


def _conflicts(request: HttpRequest) -> Waiting:
    rows = list(visible(request.user, Conflict.objects.filter(closed_at=None)).order_by("opened_at")[:MOST])
    named = tuple((row.name, f"{row.crm or 'empty'} in CRM, {row.books or 'empty'} in Books") for row in rows[:3])
    return Waiting(len(rows), (), _age(rows[0].opened_at) if rows else "", named)


def _prices(request: HttpRequest) -> Waiting:
    """Linked products whose prices differ, with the money at stake on open sales; the most first."""
    rows = list(visible(request.user, PriceDrift.objects.filter(state=PriceDrift.State.DIFFERENT))[:MOST])
    oldest = min((row.since for row in rows if row.since), default=None)
    named = tuple((str(row), price_page.headline(row).rstrip(".")) for row in rows[:3])
    return Waiting(
        len(rows), by_currency((row.at_stake, row.currency) for row in rows if row.at_stake),
        _age(oldest) if oldest else "", named,
    )  # fmt: skip


def _duplicates(request: HttpRequest) -> Waiting:
    """Records that look like one company, the likest first; asked for only where the side bar's number says so."""
    if not open_rows(request)["duplicates"]:
        return Waiting(0)
    rows = visible(request.user, Duplicate.objects.filter(state__in=OPEN_STATES)).only(
        "name", "in_books", "in_crm", "found_at"
    )
    found = list(rows.order_by("-score", "-pk")[:MOST])
    named = tuple((row.name, f"{row.in_books} in Books, {row.in_crm} in CRM") for row in found[:3])
    return Waiting(len(found), (), _age(min(row.found_at for row in found)), named)


def _links(request: HttpRequest) -> Waiting:
    """Links that are broken, one-sided or doubled, the oldest first."""
    if not open_rows(request)["links"]:
        return Waiting(0)
    rows = list(visible(request.user, Link.objects.filter(fault__in=FAULTS)).order_by("fault_since", "pk")[:MOST])
    names = names_of(rows[:3])
    named = tuple((crm_name(row, names), SHORT[Why(row.fault_why)]) for row in rows[:3])
    return Waiting(len(rows), (), _age(rows[0].fault_since) if rows else "", named)


def _counted(request: HttpRequest) -> Waiting:
    """Pairs of kinds whose sides were not equal when they were last counted."""
    newest = visible(request.user, Comparison.objects.all()).order_by().values("connection", "pair")
    last = newest.annotate(last=Max("pk")).values("last")
    rows = list(Comparison.objects.filter(pk__in=last, complete=False).order_by("pair"))
    named = tuple((str(row.get_pair_display()), row.sentence.removeprefix("Incomplete: ")) for row in rows[:3])
    return Waiting(len(rows), (), _age(rows[0].at) if rows else "", named)


def _alarms(request: HttpRequest) -> Waiting:
    person = request.user if isinstance(request.user, User) else None
    rows = list(notices.unread(person).order_by("created_at")[:MOST]) if person else []
    return Waiting(len(rows), (), _age(rows[0].created_at) if rows else "", _named(rows, "title", "text"))


def _proofs(request: HttpRequest) -> Waiting:
    """What the last proof of each connection found, and connections whose last one is too old."""
    last = Proof.objects.filter(connection=OuterRef("connection"), pk__gt=OuterRef("pk")).exclude(ended_at=None)
    rows = list(Proof.objects.exclude(ended_at=None).filter(~Exists(last)).select_related("connection")[:MOST])
    wrong = [row for row in rows if row.violations]
    named = tuple((str(row.connection), row.verdict) for row in wrong[:3])
    return Waiting(sum(len(row.violations) for row in wrong), (), _age(rows[0].ended_at) if wrong else "", named)


DEALS, CONVERSIONS = "admin:invoicing_deal_changelist", "admin:invoicing_conversion_changelist"
panel(
    Panel(
        "Connection", frozenset({REVOPS}), _connection, "connection:list", "Look at the connection",
        calm="Connected; all checks passed.",
    ),
    Panel(
        "Won and not invoiced", frozenset({REP, FINANCE}), _won_not_invoiced, DEALS, "Open the deals",
        "?tab=to-invoice", "Every won deal since go-live is invoiced.",
    ),
    Panel(
        "Accepted quotes, not billed", frozenset({REP, FINANCE, REVOPS}), _quotes,
        "admin:invoicing_quote_changelist", "Open the quotes", calm="Every accepted quote since go-live is billed.",
        press=_stop_quotes,
    ),
    Panel(
        "Needs attention", frozenset({REP, FINANCE, REVOPS, AUDITOR}), _attention, CONVERSIONS, "Decide",
        calm="No question is open.",
    ),
    Panel(
        "Drafts to review", frozenset({FINANCE}), _drafts, "documents:review", "Review the drafts",
        calm="All drafts are sent.",
    ),
    Panel(
        "My drafts", frozenset({REP}), _drafts, "admin:invoicing_invoice_changelist", "Open the drafts",
        "?tab=drafts", "Finance has sent all of them.",
    ),
    Panel(
        "Held", frozenset({FINANCE, REVOPS}), _held, CONVERSIONS, "See what is held", "?tab=held", "Nothing is held."
    ),
    Panel(
        "Customers overdue", frozenset({REP, FINANCE}), _overdue, "admin:invoicing_invoice_changelist",
        "Open the invoices", "?tab=overdue", "No invoice of a linked customer is overdue.",
    ),
    Panel(
        "Runs that did not finish", frozenset({REVOPS, AUDITOR}), _runs, "admin:syncjobs_run_changelist",
        "Open the runs", calm="The last run of every kind is complete.",
    ),
    Panel(
        "Late figures", frozenset({FINANCE, REVOPS, AUDITOR}), _late, "schedule:home", "See which lists are late",
        calm="Every list is as fresh as its target says.",
    ),
    Panel(
        "Conflicts", frozenset({FINANCE, REVOPS}), _conflicts, "admin:syncjobs_conflict_changelist",
        "Settle the conflicts", calm="Both sides agree wherever a person was asked.",
    ),
    Panel(
        "Prices that differ", frozenset({FINANCE, REVOPS}), _prices, "admin:invoicing_pricedrift_changelist",
        "Settle the prices", calm="Every linked product costs the same in CRM and in Books.",
    ),
    Panel(
        "Duplicates", frozenset({FINANCE, REVOPS, AUDITOR}), _duplicates, "admin:syncjobs_duplicate_changelist",
        "Look at the duplicates", calm="Nobody is in twice, as far as zbridge sees.",
    ),
    Panel(
        "Links to repair", frozenset({FINANCE, REVOPS, AUDITOR}), _links, "admin:syncjobs_link_changelist",
        "Repair the links", "?tab=repair", "Every link names two records that are there and agree.",
    ),
    Panel(
        "Both sides counted", frozenset({REVOPS, AUDITOR}), _counted, "admin:syncjobs_comparison_changelist",
        "See what differs", calm="Both sides were equal when they were last counted.",
    ),
    Panel(
        "Problems", frozenset({FINANCE, REVOPS, AUDITOR}), _problems, "admin:syncjobs_problem_changelist",
        "Open the problems", calm="No problem is open.",
    ),
    Panel(
        "Last proof", frozenset({FINANCE, AUDITOR}), _proofs, "admin:invoicing_proof_changelist", "Open the proofs",
        calm="The last proof found no sale billed twice and none lost.",
    ),
    Panel(
        "Alarms", frozenset({AUDITOR}), _alarms, "health:notices", "Read the alarms",
        calm="No alarm is unread.",
    ),
)  # fmt: skip
