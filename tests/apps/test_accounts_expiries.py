"""What ends on a day: told 30, 7 and 1 days before, once each; listed, changed by RevOps, and taken into calendars."""

from datetime import date, timedelta

import pytest

from accounts import expiries
from accounts.models import AuditEvent, Connection, Expiry, Notice
from tests.people import browser
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db


def ends(clock: SteppedClock, days: int, name: str = "Client secret") -> Expiry:
    day = clock.now().date() + timedelta(days=days)
    return Expiry.objects.create(kind="client_secret", name=name, ends_on=day, who="Cy")


def titles() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("title", flat=True))


def test_reminders_come_30_7_and_1_days_before_and_on_the_day_once_each(clock: SteppedClock) -> None:
    ends(clock, 45)
    for _ in range(60):
        expiries.remind(clock)
        expiries.remind(clock)
        clock.advance(86400)
    assert titles() == [
        "Client secret ends in 30 days", "Client secret ends in 7 days", "Client secret ends tomorrow",
        "Client secret ends today",
    ]  # fmt: skip


def test_what_is_entered_late_is_told_at_the_nearest_mark_only(clock: SteppedClock) -> None:
    ends(clock, 29)
    expiries.remind(clock)
    assert titles() == ["Client secret ends in 29 days"]
    assert "Cy renews it." in Notice.objects.get().text


def test_a_renewed_expiry_is_told_anew_and_a_finished_one_never(clock: SteppedClock) -> None:
    row = ends(clock, 5)
    expiries.remind(clock)
    expiries.keep(row, {"ends_on": row.ends_on + timedelta(days=365)}, None, clock)
    expiries.remind(clock)
    assert len(titles()) == 1
    clock.advance(341 * 86400)
    expiries.remind(clock)
    assert titles()[-1] == "Client secret ends in 29 days"
    gone = ends(clock, 3, "Trial")
    Expiry.objects.filter(pk=gone.pk).update(done_at=clock.now())
    expiries.remind(clock)
    assert len(titles()) == 2


def test_the_demo_s_client_secret_is_one_row_per_connection(clock: SteppedClock, empty_connection: Connection) -> None:
    for days in (29, 400):
        expiries.client_secret(empty_connection, empty_connection.today(clock) + timedelta(days=days), None, clock)
    row = Expiry.objects.get()
    assert expiries.days_left(row, clock) == 400 and str(row) == f"Client secret of {empty_connection}"


FORM = {"kind": "certificate", "name": "TLS of zbridge.example", "ends_on": "2027-01-31", "connection": "", "who": "IT"}


def test_revops_adds_changes_and_ends_one_and_the_audit_trail_says_so(clock: SteppedClock) -> None:
    client = browser("cy")
    assert client.post("/admin/accounts/expiry/new/", FORM | {"note": ""}).status_code == 302
    row = Expiry.objects.get()
    client.post(f"/admin/accounts/expiry/{row.pk}/edit/", FORM | {"ends_on": "2027-03-01", "note": ""})
    row.refresh_from_db()
    assert row.ends_on == date(2027, 3, 1) and row.added_by is not None
    client.post(f"/admin/accounts/expiry/{row.pk}/done/")
    row.refresh_from_db()
    assert row.done_at is not None
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["expiry_added", "expiry_changed", "expiry_done"]


def test_a_day_that_makes_no_sense_is_said_beside_its_field() -> None:
    answer = browser("cy").post("/admin/accounts/expiry/new/", FORM | {"ends_on": "soon", "note": ""})
    assert answer.status_code == 400 and "Enter a valid date" in answer.content.decode()
    assert not Expiry.objects.exists()


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ben", 403), ("dee", 403)])
def test_others_change_nothing(clock: SteppedClock, name: str, status: int) -> None:
    row, client = ends(clock, 10), browser(name)
    for address in ("/admin/accounts/expiry/new/", f"/admin/accounts/expiry/{row.pk}/edit/"):
        assert client.get(address).status_code == client.post(address, FORM).status_code == status
    assert client.post(f"/admin/accounts/expiry/{row.pk}/done/").status_code == status


def test_the_auditor_reads_the_list_and_takes_the_calendar(clock: SteppedClock) -> None:
    ends(clock, 29)
    client = browser("dee")
    page = client.get("/admin/accounts/expiry/").content.decode()
    assert "Client secret" in page and "Add something that ends" not in page and ">Change<" not in page
    answer = client.get("/admin/accounts/expiry/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert browser("ada").get("/admin/accounts/expiry/calendar.ics").status_code == 403


def test_the_calendar_is_one_that_calendars_read(clock: SteppedClock) -> None:
    row = ends(clock, 29, "Secret; of Müller, Söhne\\Co " + "x" * 80)
    text = expiries.calendar([row], clock.now())
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = text.replace("\r\n ", "")
    assert "SUMMARY:Secret\\; of Müller\\, Söhne\\\\Co" in whole
    assert "DTSTART;VALUE=DATE:20261224" in whole and "DTEND;VALUE=DATE:20261225" in whole
    assert [f"TRIGGER:-P{days}D" in whole for days in (30, 7, 1)] == [True] * 3
