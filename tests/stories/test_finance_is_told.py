"""Finance is told of each draft once: customer, total, source, what differs and where; a mail server may be down."""

from collections.abc import Sequence
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts import delivering
from accounts.models import AuditEvent, Delivery, Notice, User
from invoicing.conversion import work
from invoicing.models import Conversion
from tests.people import person
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db


class NoServer(BaseEmailBackend):
    """The mail server is down."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        raise ConnectionRefusedError("smtp://user:canary@mail.example")


DOWN = f"{__name__}.NoServer"


@pytest.fixture
def mail_folder(settings: Any, tmp_path: Path) -> Path:
    """Where the demo's mails lie."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ZBRIDGE_URL = "https://zbridge.example"
    return tmp_path / "mail"


@pytest.fixture
def finance(trade: Trade) -> list[User]:
    """Ben, and Bo who wants no mails."""
    ben, bo = person("ben"), User.objects.create_user("bo", email="bo@brightwater.example", mail_notices=False)
    User.objects.filter(pk=ben.pk).update(email="ben@brightwater.example")
    bo.groups.set(ben.groups.all())
    return [ben, bo]


def mails(folder: Path) -> list[Any]:
    """Every mail that was sent; Django may write two of one second into one file."""
    texts = [path.read_text() for path in sorted(folder.glob("*"))] if folder.exists() else []
    parts = [part.strip() for text in texts for part in text.split("-" * 79 + "\n")]
    return [message_from_string(part, policy=policy.default) for part in parts if part]


def billed(trade: Trade, name: str = "Shelves") -> Conversion:
    row = trade.settled(trade.ask(trade.deal(name)))
    assert row.state == "done", row.problems
    return row


def test_one_mail_names_customer_total_source_and_where_it_is(
    trade: Trade, mail_folder: Path, finance: list[User]
) -> None:
    row = billed(trade)
    delivering.deliver(trade.clock)
    mail = mails(mail_folder)[0]
    said = mail.get_content()
    assert mail["To"] == "ben@brightwater.example"
    assert mail["Subject"] == f"zbridge: New draft {row.invoice_number} for {row.customer_name}: 238.00 EUR"
    assert "From deal Shelves." in said and row.books_invoice_id in said and "It differs" not in said
    assert f"https://zbridge.example/admin/invoicing/conversion/{row.pk}/" in said


def test_whoever_wants_no_mail_reads_it_inside(trade: Trade, mail_folder: Path, finance: list[User]) -> None:
    billed(trade)
    delivering.deliver(trade.clock)
    assert [mail["To"] for mail in mails(mail_folder)] == ["ben@brightwater.example"]


def test_repeated_work_tells_once(trade: Trade, mail_folder: Path, finance: list[User]) -> None:
    row = billed(trade)
    for _ in range(3):
        work(row.pk, trade.bench(), even_early=True)
        delivering.deliver(trade.clock)
    assert Notice.objects.filter(event=f"drafted:{row.pk}").count() == 1 and len(mails(mail_folder)) == 1


def test_a_lost_answer_that_was_looked_up_tells_once_too(trade: Trade, mail_folder: Path, finance: list[User]) -> None:
    trade.fault("^/books/v3/invoices$", drop_after=True)
    row = billed(trade)
    assert row.adopted
    delivering.deliver(trade.clock)
    assert len(mails(mail_folder)) == 1


def test_what_differs_is_said(trade: Trade, mail_folder: Path, finance: list[User]) -> None:
    deal = trade.deal("Shelves")
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": 260})
    row = trade.settled(trade.ask(trade.read_deal(deal.crm_id)))
    assert row.needs_finance
    delivering.deliver(trade.clock)
    said = mails(mail_folder)[0].get_content()
    assert "It differs: 60.00 EUR" in said.replace("\n", " ") and said.count("60.00 EUR") == 1


def test_while_the_mail_server_is_down_none_is_lost_and_afterwards_none_is_doubled(
    trade: Trade, mail_folder: Path, finance: list[User], settings: Any
) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DOWN
    for name in ("One", "Two", "Three"):
        billed(trade, name)
    for _ in range(6):
        delivering.deliver(trade.clock)
        trade.clock.advance(3600)
    waiting = Delivery.objects.filter(state="waiting", channel="mail")
    assert waiting.count() == 3 and set(waiting.values_list("error", flat=True)) == {
        "The mail server can't be reached."
    }
    settings.EMAIL_BACKEND = working
    for _ in range(8):
        trade.clock.advance(7 * 3600)
        delivering.deliver(trade.clock)
    assert sorted(mail["Subject"].split(":")[2].strip() for mail in mails(mail_folder)) == ["238.00 EUR"] * 3
    assert not Delivery.objects.exclude(state="sent").exists()


def test_the_trail_says_when_a_mail_failed_and_when_it_went_out_after_all(
    trade: Trade, mail_folder: Path, finance: list[User], settings: Any
) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DOWN
    row = billed(trade)
    delivering.deliver(trade.clock)
    trade.clock.advance(61)
    settings.EMAIL_BACKEND = working
    delivering.deliver(trade.clock)
    notice = Notice.objects.get(event=f"drafted:{row.pk}")
    said = AuditEvent.objects.filter(subject_kind="notice", subject_id=str(notice.pk)).order_by("pk")
    assert [one.verb for one in said] == ["notice_failed", "notice_sent"]
    assert "can't be reached" in said[0].sentence and "canary" not in said[0].sentence and "@" not in said[0].sentence
