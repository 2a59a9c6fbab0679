"""Notices leave the house: by mail to those addressed, and to the team channel; retried, and never in anybody's way."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPAuthenticationError

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from accounts import audit, links, team_channel
from accounts.models import Delivery, Notice, User
from accounts.notices import DELIVER
from accounts.roles import AUDITOR
from zbridge.clock import Clock
from zbridge.queue import ring

log = logging.getLogger(__name__)
# What is older when a worker first sees it is only shown, not sent: nobody wants yesterday's alarms in a heap.
STALE = timedelta(days=1)
LEASE = timedelta(minutes=2)
# Three days of trying: a mail server that is down over a weekend loses nothing.
FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 20
AT_ONCE = 50


def deliver(clock: Clock) -> int:
    """Plan what is new and send what is due; how many were sent."""
    plan(clock)
    return send_due(clock)


def is_due(clock: Clock) -> bool:
    """Whether anything is to be planned or sent."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=clock.now())
    return Notice.objects.filter(planned_at=None).exists() or due.exists()


def plan(clock: Clock) -> None:
    """One delivery per recipient and channel of each new notice."""
    now = clock.now()
    fresh = Notice.objects.filter(planned_at=None)
    fresh.filter(created_at__lt=now - STALE).update(planned_at=now)
    for notice in fresh.select_related("user")[:AT_ONCE]:
        with transaction.atomic():
            if Notice.objects.filter(pk=notice.pk, planned_at=None).update(planned_at=now):
                Delivery.objects.bulk_create(_deliveries(notice, now), ignore_conflicts=True)


def _deliveries(notice: Notice, now: datetime) -> list[Delivery]:
    found = [
        Delivery(notice=notice, channel=Delivery.Channel.MAIL, user=user, recipient=str(user.pk), next_at=now)
        for user in recipients(notice)
    ]
    if team_channel.is_set() and not notice.user_id:
        found.append(Delivery(notice=notice, channel=Delivery.Channel.TEAM, next_at=now))
    return found


def recipients(notice: Notice) -> list[User]:
    """Who gets it by mail: the person, or the role's people (auditors read inside); those who switched it off don't."""
    rows = User.objects.filter(is_active=True, mail_notices=True).exclude(email="")
    if notice.user_id:
        return list(rows.filter(pk=notice.user_id))
    if notice.role:
        return list(rows.filter(groups__name=notice.role).distinct())
    return list(rows.filter(groups__isnull=False).exclude(groups__name=AUDITOR).distinct())


def send_due(clock: Clock) -> int:
    """Send what is due, each claimed first, so that two workers send it once."""
    now, sent = clock.now(), 0
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now).order_by("next_at")
    for row in due.select_related("notice__connection", "user")[:AT_ONCE]:
        if Delivery.objects.filter(pk=row.pk, state=row.state, next_at=row.next_at).update(next_at=now + LEASE):
            sent += _send(row, clock)
    return sent


def _send(row: Delivery, clock: Clock) -> bool:
    try:
        if row.channel == Delivery.Channel.MAIL:
            _mail(row)
        else:
            team_channel.send(row.notice.title, links.with_address(row.notice))
    except Exception as trouble:  # noqa: BLE001  whatever a mail server or service does, the work goes on
        log.warning("delivery %s failed: %s", row.pk, type(trouble).__name__)
        _failed(row, _why(row, trouble), clock)
        return False
    ended = {"sent_at": clock.now(), "attempts": row.attempts + 1, "error": ""}
    Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.SENT, **ended)
    if row.attempts:
        _note(row, "notice_sent", f"sent after {row.attempts + 1} tries", clock)
    return True


def _mail(row: Delivery) -> None:
    if row.user is None:
        return
    told = "Open zbridge, Notices, to see what may be done, or to switch these mails off."
    text = f"{links.with_address(row.notice)}\n\n{told}\n"
    EmailMessage(f"zbridge: {' '.join(row.notice.title.split())}", text, to=[row.user.email]).send()


def _failed(row: Delivery, why: str, clock: Clock) -> None:
    """Tried again later, each time after twice as long; the first failure and the last are audited, not each."""
    attempts = row.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 16), LONGEST_WAIT)
    given_up = attempts >= MOST_ATTEMPTS
    state = Delivery.State.FAILED if given_up else Delivery.State.WAITING
    kept = {"attempts": attempts, "next_at": clock.now() + wait, "state": state, "error": why}
    Delivery.objects.filter(pk=row.pk).update(**kept)
    if given_up:
        _note(row, "notice_given_up", f"given up after {attempts} tries. {why}", clock)
    elif attempts == 1:
        _note(row, "notice_failed", f"not sent, tried again by itself. {why}", clock)


def _note(row: Delivery, verb: str, said: str, clock: Clock) -> None:
    """In the trail, by whom it was to reach; never an address."""
    whom = f"mail to {row.user}" if row.user else "team channel"
    subject = ("notice", str(row.notice_id))
    audit.record(
        None, verb, f"“{row.notice.title}”, {whom}: {said}", connection=row.notice.connection, subject=subject,
        clock=clock,
    )  # fmt: skip


def try_again(user: User, clock: Clock) -> str:
    """What was given up is due again, as if it were new; the sentence that says so."""
    with transaction.atomic():
        rows = Delivery.objects.filter(state=Delivery.State.FAILED)
        count = rows.update(state=Delivery.State.WAITING, attempts=0, next_at=clock.now())
        if count:
            audit.record(user, "notices_again", f"{count} given-up notices are sent again.", clock=clock)
            ring(DELIVER, queue="bulk")
    return f"{count} are sent again now." if count else "No notice was given up."


def _why(row: Delivery, trouble: Exception) -> str:
    """In words; what servers say may hold addresses and passwords."""
    if isinstance(trouble, team_channel.NotSent):
        return "The team channel did not take it."
    if isinstance(trouble, SMTPAuthenticationError):
        return "The mail server doesn't accept zbridge's log-in."
    if isinstance(trouble, OSError):
        return "The mail server can't be reached." if row.channel == Delivery.Channel.MAIL else "It can't be reached."
    return "The mail could not be sent." if row.channel == Delivery.Channel.MAIL else "It could not be sent."


def said(row: Delivery) -> str:
    """How one delivery stands, in words and never with an address."""
    whom = f"mail to {row.user}" if row.user else "team channel"
    if row.state == Delivery.State.SENT and row.sent_at:
        return f"{whom}, sent {timezone.localtime(row.sent_at):%-d %b %H:%M}"
    if row.state == Delivery.State.FAILED:
        return f"{whom}, given up: {row.error}"
    return f"{whom}, not sent yet: {row.error}" if row.attempts else f"{whom}, on its way"
