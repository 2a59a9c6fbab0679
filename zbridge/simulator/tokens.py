"""Grants of the simulated accounts server: refresh tokens with scopes, access tokens made from them, codes."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from zbridge.simulator.store import Store, stamp

CLIENT_ID, CLIENT_SECRET = "1000.ZBRIDGEDEMO", "zbridge-demo-secret"  # noqa: S105
ADMINISTRATOR = "admin"
READY_REFRESH_TOKEN = "1000.zbridge.demo"  # noqa: S105
LIFE, CODE_LIFE = timedelta(hours=1), timedelta(minutes=2)
WINDOW, MOST_IN_WINDOW, MOST_LIVE, MOST_REFRESH = timedelta(minutes=10), 10, 30, 20

# The ready refresh token stands for an administrator's own tools: it may everything, so that tests can play Zoho's API.
ALL_SCOPES = [
    "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.org.READ", "ZohoCRM.users.READ", "ZohoCRM.coql.READ",
    "ZohoCRM.notifications.ALL", "ZohoCRM.bulk.ALL", "ZohoSearch.securesearch.READ",
    "ZohoBooks.fullaccess.all",
]  # fmt: skip


class Throttled(Exception):
    """More than ten tokens in ten minutes."""


class Tokens:
    """Over the state file: everything survives a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _made(self, kind: str) -> str:
        number = self._store.next_number(f"{kind} token")
        text = sha256(f"{kind}:{number}:{self._store.setting('world', {}).get('seed', 1)}".encode()).hexdigest()
        return f"1000.{text[:32]}.{text[32:]}"

    def grants(self) -> list[dict[str, Any]]:
        """Refresh tokens, oldest first."""
        found: list[dict[str, Any]] = self._store.setting("grants", [])
        return found

    def _keep(self, grants: list[dict[str, Any]]) -> None:
        self._store.set("grants", grants)

    def add_grant(self, scopes: list[str], user: str, now: datetime, token: str = "") -> str:
        """A new refresh token; the twenty-first of a user deletes the oldest (facts CRM 1.5)."""
        made = token or self._made("refresh")
        grant = {"token": made, "scopes": scopes, "user": user, "at": stamp(now), "made": []}
        grants = [*self.grants(), grant]
        mine = [one for one in grants if one["user"] == user]
        evicted = {one["token"] for one in mine[: max(0, len(mine) - MOST_REFRESH)]}
        self._keep([one for one in grants if one["token"] not in evicted])
        self._drop_access(evicted)
        return made

    def grant(self, token: str) -> dict[str, Any] | None:
        """The grant of a refresh token."""
        return next((one for one in self.grants() if one["token"] == token), None)

    def access(self, refresh_token: str, now: datetime) -> str:
        """A new access token; Throttled after ten in ten minutes, the thirty-first live one kills the oldest."""
        grants = self.grants()
        grant = next(one for one in grants if one["token"] == refresh_token)
        grant["made"] = [at for at in grant["made"] if at > stamp(now - WINDOW)]
        if len(grant["made"]) >= MOST_IN_WINDOW:
            raise Throttled
        grant["made"].append(stamp(now))
        self._keep(grants)
        return self.add_access(grant["scopes"], grant["user"], refresh_token, now)

    def add_access(self, scopes: list[str], user: str, refresh_token: str, now: datetime) -> str:
        """An access token, good for an hour."""
        made = self._made("access")
        row = {
            "token": made, "scopes": scopes, "user": user, "grant": refresh_token, "until": stamp(now + LIFE)
        }  # fmt: skip
        live = [one for one in self._live() if one["until"] > stamp(now)]
        of_grant = [one for one in live if one["grant"] == refresh_token]
        killed = {one["token"] for one in of_grant[: max(0, len(of_grant) + 1 - MOST_LIVE)]}
        self._store.set("access", [one for one in live if one["token"] not in killed] + [row])
        return made

    def _live(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._store.setting("access", [])
        return found

    def holder(self, access_token: str, now: datetime) -> dict[str, Any] | None:
        """Scopes and user of a live access token; None when it is dead or unknown."""
        return next((one for one in self._live() if one["token"] == access_token and one["until"] > stamp(now)), None)

    def _drop_access(self, refresh_tokens: set[str]) -> None:
        self._store.set("access", [one for one in self._live() if one["grant"] not in refresh_tokens])

    def revoke(self, token: str) -> bool:
        """End a refresh token with its access tokens; False when there is none."""
        grants = self.grants()
        self._keep([one for one in grants if one["token"] != token])
        self._drop_access({token})
        return any(one["token"] == token for one in grants)

    def revoke_all(self) -> None:
        """As if the user had thrown out every application."""
        self._keep([])
        self._store.set("access", [])

    def expire(self) -> None:
        """Every access token is dead; refresh tokens live."""
        self._store.set("access", [])

    def drop_scope(self, scope: str) -> None:
        """Take a right away from every grant and token, also where a wider scope stays (kept as `-scope`)."""
        for name in ("grants", "access"):
            rows = self._store.setting(name, [])
            for row in rows:
                row["scopes"] = [*(one for one in row["scopes"] if one != scope), f"-{scope}"]
            self._store.set(name, rows)

    def fill_to(self, count: int, user: str, now: datetime) -> None:
        """Other applications' refresh tokens until the user was given so many; the ready one counts as the oldest.

        Of more than twenty the oldest are gone, as always.
        """
        held = len([one for one in self.grants() if one["user"] == user])
        for _ in range(held, count):
            self.add_grant(["ZohoCRM.org.READ"], user, now)

    # -- codes -----------------------------------------------------------------------------------------------------

    def add_code(self, wanted: dict[str, Any], now: datetime) -> str:
        """A code for a consent; single use, two minutes."""
        code = self._made("code")
        codes = self._store.setting("codes", {})
        self._store.set("codes", codes | {code: wanted | {"until": stamp(now + CODE_LIFE)}})
        return code

    def take_code(self, code: str, now: datetime) -> dict[str, Any] | None:
        """What the code was given for, once; None when it is unknown, used or too old."""
        codes: dict[str, Any] = self._store.setting("codes", {})
        found = codes.pop(code, None)
        self._store.set("codes", codes)
        return found if found and found["until"] >= stamp(now) else None
