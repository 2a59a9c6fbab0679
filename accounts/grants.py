"""Refresh tokens in use, as far as we know: Zoho keeps twenty per user and client, and the next ends the oldest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Connection, Credential, Grant
from accounts.rights import rights
from zbridge.clock import Clock

MOST, WARN_AT = 20, 19
WINDOW = timedelta(minutes=10)


@dataclass(frozen=True)
class TokenPanel:
    """What the connection's page says of its access."""

    by: str
    given_at: datetime | None
    last_refresh: datetime | None
    lasts_until: datetime | None
    refreshed: int
    used: int
    warning: str
    features: list[tuple[str, int, int]]


def token_panel(connection: Connection, credential: Credential, clock: Clock) -> TokenPanel:
    """From our own tables; no secret is read."""
    times = [datetime.fromisoformat(at) for at in credential.refreshes]
    since = connection.now(clock) - WINDOW
    used = min(in_use(credential.client_id), MOST)
    return TokenPanel(
        by=str(credential.consented_by or "nobody known"), given_at=credential.consented_at,
        last_refresh=_on_our_clock(max(times, default=None), connection),
        lasts_until=_on_our_clock(credential.expires_at, connection), refreshed=sum(1 for at in times if at > since),
        used=used, warning=_warning(used), features=_by_feature(credential),
    )  # fmt: skip


def _on_our_clock(moment: datetime | None, connection: Connection) -> datetime | None:
    """Token times follow Zoho's clock, which on the simulator may have been moved; people read their own."""
    offset = connection.clock_offset if connection.is_simulator else 0
    return moment - timedelta(seconds=offset) if moment else None


def _warning(used: int) -> str:
    if used < WARN_AT:
        return ""
    return (
        f"This user holds {used} of {MOST} refresh tokens that zbridge knows of: the next consent may end the oldest. "
        "Remove old ones in Zoho under Connected Apps."
    )


def _by_feature(credential: Credential) -> list[tuple[str, int, int]]:
    """Each feature with how many of its rights are granted and needed; incomplete ones first."""
    found: dict[str, list[bool]] = {}
    for row in rights(credential.scopes):
        found.setdefault(row.feature, []).append(row.granted)
    rows = [(feature, sum(granted), len(granted)) for feature, granted in found.items()]
    return sorted(rows, key=lambda row: (row[1] == row[2], row[0]))


def in_use(client_id: str) -> int:
    """Consents of this client that were not ended, as far as we know; other applications' can't be seen."""
    return Grant.objects.filter(client_id=client_id, ended_at=None).count()


def end_older(connection: Connection, clock: Clock) -> None:
    """The replaced token was revoked: only the newest of this connection lives."""
    rows: Any = Grant.objects.filter(connection=connection, ended_at=None).order_by("-pk")
    newest = rows.values_list("pk", flat=True).first()
    rows.exclude(pk=newest).update(ended_at=clock.now())
