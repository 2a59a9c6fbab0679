"""Notices: one per event, seen by each for herself, sent on by a worker, retried, and in nobody's way."""

from pathlib import Path
from smtplib import SMTPAuthenticationError
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import RequestFactory

from accounts import delivering, notices, team_channel
from accounts.key_check import rotate_keys
from accounts.models import AuditEvent, Connection, Delivery, Notice, TeamChannel, User
from tests.people import browser, person
from zbridge.clock import SteppedClock
from zbridge.site.navigation import sidebar
from zbridge.zoho.secret import Secret

pytestmark = pytest.mark.django_db
SECRET_URL = "slack://TokenAAAA/TokenBBBB/TokenCanary"


def tell(clock: SteppedClock, event: str = "e", **more: Any) -> None:
    notices.tell(None, event, "Zoho access ended", "14 items wait, none is lost.", clock=clock, **more)


@pytest.fixture
def team(db: None) -> dict[str, User]:
    found = {name: person(name) for name in ("ada", "ben", "cy", "dee")}
    for name, user in found.items():
        User.objects.filter(pk=user.pk).update(email=f"{name}@brightwater.example")
    return found


def sent_to() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_an_event_is_told_once(clock: SteppedClock, team: dict[str, User]) -> None:
    for _ in range(3):
        tell(clock, role="revops")
        delivering.deliver(clock)
    assert Notice.objects.count() == 1 and sent_to() == ["cy@brightwater.example"]


def test_it_goes_to_the_role_to_the_person_or_to_everybody(clock: SteppedClock, team: dict[str, User]) -> None:
    tell(clock, "1", role="finance")
    tell(clock, "2", user=team["ada"])
    tell(clock, "3")
    delivering.deliver(clock)
    addresses = sent_to()
    assert [addresses.count(f"{name}@brightwater.example") for name in ("ada", "ben", "cy", "dee")] == [2, 2, 1, 0]


def test_who_switched_mails_off_or_has_no_address_reads_inside(clock: SteppedClock, team: dict[str, User]) -> None:
    client = browser("cy")
    User.objects.filter(username="cy").update(email="cy@brightwater.example")
    client.post("/admin/accounts/notices/mail/", {"mail": "no"})
    User.objects.filter(username="ben").update(email="")
    tell(clock, "1", role="revops")
    tell(clock, "2", role="finance")
    delivering.deliver(clock)
    assert mail.outbox == []
    assert "14 items wait" in client.get("/admin/accounts/notices/").content.decode()


def test_each_marks_a_role_s_notice_as_seen_for_herself(clock: SteppedClock, team: dict[str, User]) -> None:
    second = User.objects.create_user("cleo")
    second.groups.set(team["cy"].groups.all())
    tell(clock, "1", role="revops")
    tell(clock, "2", role="revops")
    first = Notice.objects.get(event="1")
    client = browser("cy")
    client.post(f"/admin/accounts/notices/{first.pk}/seen/")
    assert (notices.unread(team["cy"]).count(), notices.unread(second).count()) == (1, 2)
    client.post("/admin/accounts/notices/seen/")
    assert (notices.unread(team["cy"]).count(), notices.unread(second).count()) == (0, 2)


def test_nobody_reads_or_marks_what_is_meant_for_others(clock: SteppedClock, team: dict[str, User]) -> None:
    tell(clock, "1", role="revops")
    tell(clock, "2", user=team["ben"])
    client = browser("ada")
    assert "14 items wait" not in client.get("/admin/accounts/notices/?show=all").content.decode()
    client.post(f"/admin/accounts/notices/{Notice.objects.get(event='1').pk}/seen/")
    assert notices.unread(team["cy"]).count() == 1
    assert notices.unread(team["dee"]).count() == 1


def test_the_badge_counts_what_is_unread(clock: SteppedClock, team: dict[str, User]) -> None:
    tell(clock, "1", role="finance")
    tell(clock, "2")
    request = RequestFactory().get("/admin/")
    request.user = team["ben"]
    items = [item for group in sidebar(request) for item in group["items"]]
    assert next(item for item in items if item["title"] == "Notices")["badge"] == "2"


def test_a_mail_server_that_is_down_is_tried_again_later_and_shown(
    clock: SteppedClock, team: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(message: EmailMessage, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError("smtp://user:canary@mail.example")

    tell(clock, role="revops")
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", down)
        delivering.deliver(clock)
        assert delivering.deliver(clock) == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "The mail server can't be reached.")
    said = browser("dee").get("/admin/accounts/notices/").content.decode()
    assert "The mail server can&#x27;t be reached." in said and "canary" not in said
    clock.advance(61)
    assert delivering.deliver(clock) == 1 and Delivery.objects.get().state == "sent"


def test_after_three_days_of_trying_it_is_given_up_and_still_shown(
    clock: SteppedClock, team: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(message: EmailMessage, fail_silently: bool = False) -> int:
        raise SMTPAuthenticationError(535, b"canary")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    tell(clock, role="revops")
    for _ in range(24):
        delivering.deliver(clock)
        clock.advance(6 * 3600)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("failed", 20)
    assert "Given up after 20 tries. The mail server doesn&#x27;t accept zbridge&#x27;s log-in." in (
        browser("cy").get("/admin/accounts/notices/").content.decode()
    )
    told = list(AuditEvent.objects.filter(subject_kind="notice").values_list("verb", flat=True))
    assert told == ["notice_given_up", "notice_failed"]


def test_what_was_given_up_can_be_sent_again(clock: SteppedClock, team: dict[str, User]) -> None:
    tell(clock, role="revops")
    delivering.plan(clock)
    Delivery.objects.update(state="failed", attempts=20)
    assert "Send the given-up ones again" not in browser("dee").get("/admin/accounts/notices/").content.decode()
    assert browser("dee").post("/admin/accounts/notices/again/").status_code == 403
    assert "Send the given-up ones again" in browser("cy").get("/admin/accounts/notices/").content.decode()
    assert delivering.try_again(team["cy"], clock) == "1 are sent again now."
    assert delivering.deliver(clock) == 1 and sent_to() == ["cy@brightwater.example"]


def test_what_is_older_than_a_day_is_shown_and_not_sent(clock: SteppedClock, team: dict[str, User]) -> None:
    tell(clock, role="revops")
    clock.advance(86401)
    delivering.deliver(clock)
    assert mail.outbox == [] and notices.unread(team["cy"]).count() == 1


def test_a_line_break_in_a_title_makes_no_second_header(clock: SteppedClock, team: dict[str, User]) -> None:
    notices.tell(None, "x", "Ends\nBcc: eve@evil.example", "", clock=clock, role="revops")
    delivering.deliver(clock)
    assert mail.outbox[0].subject == "zbridge: Ends Bcc: eve@evil.example" and mail.outbox[0].bcc == []


# -- the team channel --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "json://hooks.example/x",
        "syslog://",
        "file:///etc/passwd",
        "dbus://",
        "nonsense",
        "slack://",
    ],
)
def test_an_address_that_is_not_encrypted_or_not_known_is_refused(url: str) -> None:
    with pytest.raises(team_channel.NotAllowed):
        team_channel.check(url)


def test_the_address_is_kept_encrypted_and_never_shown_again(clock: SteppedClock, team: dict[str, User]) -> None:
    client = browser("cy")
    said = client.post("/admin/accounts/notices/channel/", {"url": SECRET_URL}, follow=True).content.decode()
    assert "Notices also go to Slack." in said and "Canary" not in said
    assert "Canary" not in str(list(TeamChannel.objects.values()))
    assert "Canary" not in client.get("/admin/accounts/notices/").content.decode()
    assert browser("dee").post("/admin/accounts/notices/channel/", {"url": ""}).status_code == 403
    before = TeamChannel.objects.get().url_cipher
    rotate_keys()
    assert TeamChannel.objects.get().url_cipher != before
    client.post("/admin/accounts/notices/channel/", {"url": ""})
    assert not team_channel.is_set()


def test_a_role_s_notice_goes_to_the_channel_a_person_s_doesn_t(
    clock: SteppedClock, team: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(team_channel, "send", lambda title, text: said.append((title, text)))
    team_channel.keep(Secret(SECRET_URL), team["cy"], clock)
    tell(clock, "1", role="revops")
    tell(clock, "2", user=team["ben"])
    delivering.deliver(clock)
    assert said == [("Zoho access ended", "14 items wait, none is lost.")]


def test_a_channel_that_fails_stops_no_mail(
    clock: SteppedClock, team: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(title: str, text: str) -> None:
        raise team_channel.NotSent

    monkeypatch.setattr(team_channel, "send", fail)
    team_channel.keep(Secret(SECRET_URL), team["cy"], clock)
    tell(clock, role="revops")
    delivering.deliver(clock)
    assert sent_to() == ["cy@brightwater.example"]
    assert Delivery.objects.get(channel="team").error == "The team channel did not take it."


def test_no_notice_of_ended_access_holds_a_token(
    clock: SteppedClock, empty_connection: Connection, tmp_path: Path
) -> None:
    text = " ".join(f"{row.title} {row.text} {row.event}" for row in Notice.objects.all())
    assert "1000." not in text
