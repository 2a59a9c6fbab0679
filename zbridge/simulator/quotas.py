"""How many calls both systems allow: Books a minute, a day and at once; CRM credits a day and at once (facts)."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from zbridge.simulator.store import Store

BOOKS_MINUTE = 100
BOOKS_DAY = {"FREE": 1000, "STANDARD": 2000, "PROFESSIONAL": 5000, "PREMIUM": 10000, "ELITE": 10000, "ULTIMATE": 10000}
CRM_AT_ONCE = {"free": 5, "standard": 10, "professional": 15, "enterprise": 20, "ultimate": 25}


def _hour(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H")


class Quotas:
    """Counts in memory by organisation; the day's figures are kept with the organisation."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._minute: dict[str, deque[datetime]] = {}
        self.in_flight: dict[str, int] = {}

    def books(self, org: dict[str, Any], now: datetime) -> tuple[int, str] | None:
        """The code and message of the limit that this call breaks, or None; the call is counted."""
        name, plan = str(org["organization_id"]), str(org.get("plan_name", "PROFESSIONAL"))
        at_once = 5 if plan == "FREE" else int(org.get("concurrency_limit", 10))
        if org.get("limits", "on") == "off":
            return None
        if self.in_flight.get(name, 0) > at_once:
            return 1070, "The API call for this organization has exceeded the maximum concurrent call limit."
        if self._over_minute(name, int(org.get("minute_limit", BOOKS_MINUTE)), now):
            return (
                44,
                "For security reasons you have been blocked for some time as you have exceeded the maximum calls.",
            )
        used, limit = self.used(name, now), self.day_limit(org)
        if used >= limit:
            return 45, f"The API call for this organization has exceeded the maximum call rate limit of {limit}"
        self._store.set(f"day:{name}", {"day": now.date().isoformat(), "used": used + 1})
        return None

    def day_limit(self, org: dict[str, Any]) -> int:
        """Calls a day by the plan, unless set."""
        return int(org.get("day_limit") or BOOKS_DAY.get(str(org.get("plan_name", "")).upper(), 5000))

    def used(self, name: str, now: datetime) -> int:
        """Calls of today."""
        found = self._store.setting(f"day:{name}", {})
        return int(found.get("used", 0)) if found.get("day") == now.date().isoformat() else 0

    def set_used(self, name: str, used: int, now: datetime) -> None:
        """As if so many calls had been made today."""
        self._store.set(f"day:{name}", {"day": now.date().isoformat(), "used": used})

    def seconds_to_reset(self, now: datetime) -> int:
        """Until the day ends, UTC."""
        tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return int((tomorrow - now).total_seconds())

    def crm(self, org: dict[str, Any], credits: int, now: datetime) -> bool:
        """Whether the call breaks the credits of the last day or the calls at once; it is counted if not."""
        if org.get("limits", "on") == "off":
            return False
        name = str(org["id"])
        if self.in_flight.get("crm", 0) > int(
            org.get("concurrency_limit", CRM_AT_ONCE.get(str(org.get("edition")), 20))
        ):
            return True
        if self.credits_used(name, now) + credits > int(org["credit_limit"]):
            return True
        hours = self._hours(name, now)
        hours[_hour(now)] = hours.get(_hour(now), 0) + credits
        self._store.set(f"credits:{name}", hours)
        return False

    def credits_used(self, name: str, now: datetime) -> int:
        """Credits of the last 24 hours, which roll by the hour."""
        return sum(self._hours(name, now).values())

    def set_credits_used(self, name: str, used: int, now: datetime) -> None:
        """As if so many credits had been used in this hour and none before."""
        self._store.set(f"credits:{name}", {_hour(now): used})

    def _hours(self, name: str, now: datetime) -> dict[str, int]:
        found: dict[str, int] = self._store.setting(f"credits:{name}", {})
        return {hour: used for hour, used in found.items() if _hour(now - timedelta(hours=24)) < hour <= _hour(now)}

    def _over_minute(self, name: str, limit: int, now: datetime) -> bool:
        calls = self._minute.setdefault(name, deque())
        while calls and calls[0] <= now - timedelta(seconds=60):
            calls.popleft()
        if len(calls) >= limit:
            return True
        calls.append(now)
        return False

    def clear(self) -> None:
        """Nothing called yet."""
        self._minute.clear()
