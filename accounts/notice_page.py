"""What the page of notices shows: hers, what she has not seen first, and how they leave the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from accounts import links, notices, team_channel
from accounts.health_forms import TeamChannelForm
from accounts.models import Delivery, NoticeSeen, User
from accounts.roles import ROLES, may

MOST = 50


@dataclass(frozen=True)
class Shown:
    """One notice as it stands on the page."""

    pk: int
    title: str
    text: str
    at: datetime
    whom: str
    seen: bool
    link: str


@dataclass(frozen=True)
class Way:
    """One delivery that waits or failed."""

    title: str
    to: str
    said: str


def notice_page(user: User, everything: bool) -> dict[str, Any]:
    """The page of one person; deliveries only for those who look after zbridge."""
    looks_after = user.has_perm("accounts.view_notice")
    rows = notices.addressed(user) if everything else notices.unread(user)
    mine = NoticeSeen.objects.filter(notice=OuterRef("pk"), user=user)
    found = rows.annotate(is_seen=Exists(mine)).select_related("user")[:MOST]
    return {
        "title": "Notices", "rows": [_shown(row, user) for row in found], "everything": everything,
        "unread": notices.unread(user)[:100].count(), "mail_on": user.mail_notices, "address": user.email,
        "may_change": may(user, "connect"), "looks_after": looks_after, "channel": team_channel.shown(),
        "form": TeamChannelForm(), "ways": _ways() if looks_after else [],
        "given_up": looks_after and Delivery.objects.filter(state=Delivery.State.FAILED).exists(),
    }  # fmt: skip


def _shown(row: Any, user: User) -> Shown:
    role = ROLES.get(row.role)
    whom = "you" if row.user_id == user.pk else str(row.user) if row.user else role.title if role else "everybody"
    return Shown(row.pk, row.title, row.text, row.created_at, whom, row.is_seen, _link(row, user))


def _link(row: Any, user: User) -> str:
    """Where the cause can be looked at, if this person may open it."""
    right, address = links.page_of(row)
    return address if right and user.has_perm(right) else ""


def _ways() -> list[Way]:
    """What was not sent, and why; the newest first."""
    rows = Delivery.objects.exclude(state=Delivery.State.SENT).select_related("notice", "user").order_by("-pk")[:20]
    return [Way(row.notice.title, _to(row), _said(row)) for row in rows]


def _to(row: Delivery) -> str:
    return f"{row.user} by e-mail" if row.user else "the team channel"


def _said(row: Delivery) -> str:
    if row.state == Delivery.State.FAILED:
        return f"Given up after {row.attempts} tries. {row.error}"
    return f"Tried {row.attempts} times; tried again by itself. {row.error}" if row.attempts else "On its way."
