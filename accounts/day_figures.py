"""What Zoho tells about the day in its headers: Books on every answer, CRM once half of the credits are used."""

from datetime import timedelta

from accounts import pacing, refusals
from accounts.counting import DAY, credits_since
from accounts.models import Bucket, Connection
from zbridge.clock import Clock
from zbridge.zoho.gate import Answer

BOOKS_NAMES = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
CRM_NAME = "x-api-credits-remaining"


def learn(connection: Connection, side: str, answer: Answer, clock: Clock) -> None:
    """Keep the day's figures, which every app of the organisation spends."""
    if side == "books":
        values = [answer.headers.get(name, "") for name in BOOKS_NAMES]
        if all(value.isdigit() for value in values):
            limit, remaining, resets_in = (int(value) for value in values)
            learn_books(connection, limit, remaining, resets_in, clock)
    elif answer.headers.get(CRM_NAME, "").isdigit():
        learn_crm(connection, int(answer.headers[CRM_NAME]), clock)


def learn_books(connection: Connection, limit: int, remaining: int, resets_in: int, clock: Clock) -> None:
    """Limit and remaining calls of today, and the seconds until the day ends; none left holds all but clicks."""
    now = clock.now()
    resets_at = now + timedelta(seconds=max(resets_in, 1))
    columns: dict[str, object] = {
        "day_limit": limit, "day_used": max(0, limit - remaining), "day_resets_at": resets_at, "day_told_at": now,
        "day_spent_until": resets_at if remaining == 0 and limit else None,
    }  # fmt: skip
    Bucket.objects.filter(connection=connection, side="books").update(**columns)
    if remaining == 0 and limit:
        refusals.tell_spent(connection, "books", resets_at, clock)


def learn_crm(connection: Connection, remaining: int, clock: Clock) -> None:
    """Credits left of the last 24 hours; what our own calls don't explain, others used."""
    now, limit = clock.now(), pacing.allowance(connection, "crm").day
    if not limit:
        return
    used, ours = max(0, limit - remaining), credits_since(connection, "crm", now - DAY)
    Bucket.objects.filter(connection=connection, side="crm").update(
        day_limit=limit, day_used=used, day_others=max(0, used - ours), day_told_at=now
    )


def forget(connection: Connection, clock: Clock) -> None:
    """The clock over there was moved (a simulator's can be): what was known of the day no longer holds."""
    Bucket.objects.filter(connection=connection).update(
        day_used=0, day_others=0, day_resets_at=None, day_spent_until=None, counts_from=clock.now()
    )
