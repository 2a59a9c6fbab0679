"""CRM's notification channels: one per module, subscribed with our address and a token, renewed before they end.

A channel lives a week at most (facts CRM 4.3). It is renewed at half its life; one that ended while we were down is
subscribed anew, and its module's list is read at once. CRM is never asked to delete one: it is told to say nothing
more, and ends by itself.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import alarms, audit
from accounts.clients import Clients
from accounts.models import Connection, User
from accounts.secrets import decrypt, encrypt
from syncjobs import hooks
from syncjobs.domain.hooks import CRM_MODULES
from syncjobs.models import Channel, HookAddress
from syncjobs.services import HINT, start_run
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.crm_rows import RowResult
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.formats import crm_instant, instant
from zbridge.zoho.secret import Secret

WORK = "syncjobs.tasks.keep_channels"
# A week is the most; what is longer than that falls to an hour.
LIFE = timedelta(days=6)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
ALARM, WARN_BEFORE = "channels", timedelta(hours=24)
NOT_SUBSCRIBED = "NOT_SUBSCRIBED"


def are_wanted(connection: Connection) -> bool:
    """Whether a person switched notifications on."""
    return HookAddress.objects.filter(connection=connection, sort=HookAddress.Sort.CRM, wanted=True).exists()


def switch(connection: Connection, user: User, clock: Clock, *, on: bool) -> None:
    """Want notifications, or none any more; CRM is told by `keep` or `silence`."""
    row = hooks.address_of(connection, HookAddress.Sort.CRM, clock)
    said = f"CRM's notifications to {connection} were switched {'on' if on else 'off'}."
    with transaction.atomic():
        if HookAddress.objects.filter(pk=row.pk, wanted=not on).update(wanted=on):
            _forget(connection, on)
            audit.record(
                user, "notifications", said, connection=connection, subject=("hooks", str(connection.pk)), clock=clock
            )
        if on:
            _make_missing(connection)
            Channel.objects.filter(connection=connection).exclude(trouble="").update(next_at=None)
            ring(WORK, connection.pk, queue="bulk")


def _forget(connection: Connection, on: bool) -> None:
    """Nothing stands any more; when notifications are wanted again, each channel gets a token of its own."""
    rows = Channel.objects.filter(connection=connection)
    rows.update(granted_at=None, url_digest="", trouble="", tries=0, next_at=None)
    if on:
        rows.update(token_cipher="")


def _make_missing(connection: Connection) -> None:
    """A channel for each module, each with an id that no other zbridge would choose."""
    there = set(Channel.objects.filter(connection=connection).values_list("module", flat=True))
    Channel.objects.bulk_create(
        [
            Channel(connection=connection, module=module, kind=kind, channel_id=_fresh_id())
            for module, kind in CRM_MODULES.items() if module not in there
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _fresh_id() -> str:
    return str(10**14 + secrets.randbelow(9 * 10**14))


def due(connection: Connection, clock: Clock) -> bool:
    """Whether CRM must be told of a channel now."""
    if not are_wanted(connection) or hooks.unreachable(connection):
        return False
    return bool(_due(connection, clock))


def _due(connection: Connection, clock: Clock) -> list[Channel]:
    now, url = connection.now(clock), hooks.url(hooks.address_of(connection, HookAddress.Sort.CRM, clock))
    rows = Channel.objects.filter(Q(next_at=None) | Q(next_at__lte=clock.now()), connection=connection)
    return [row for row in rows if not _stands(row, now, url) or renews_at(row, now) <= now]


def _stands(row: Channel, now: datetime, url: str) -> bool:
    """Whether CRM calls us through it, at the address that is ours now."""
    known = hmac.compare_digest(row.url_digest, _digest(url))
    return known and row.expires_at is not None and row.expires_at > now


def renews_at(row: Channel, now: datetime) -> datetime:
    """At half its life."""
    ends = row.expires_at or now
    begins = row.granted_at or ends
    return begins + (ends - begins) / 2


def _digest(url: str) -> str:
    return sha256(url.encode()).hexdigest()


def keep(connection: Connection, clients: Clients, clock: Clock) -> None:
    """Renew what ends, subscribe what doesn't stand; what CRM refuses is asked again later, with its reason kept."""
    now, url = connection.now(clock), hooks.url(hooks.address_of(connection, HookAddress.Sort.CRM, clock))
    rows = _due(connection, clock)
    standing = [row for row in rows if _stands(row, now, url)]
    lost = _renew(standing, clients, clock) if standing else []
    anew = [row for row in rows if row not in standing] + lost
    if anew:
        _subscribe(anew, url, clients, clock)
    _tell(connection, clock)


def _renew(rows: Sequence[Channel], clients: Clients, clock: Clock) -> list[Channel]:
    """Prolong them; those that CRM doesn't know any more."""
    asked = crm_instant(rows[0].connection.now(clock) + LIFE)
    bodies = [{"channel_id": row.channel_id, "events": _events(row), "channel_expiry": asked} for row in rows]
    try:
        found = clients.crm.renew_watch(bodies)
    except ZohoError as trouble:
        _failed(rows, trouble.sentence, clock)
        return []
    lost = [row for row, one in zip(rows, found, strict=True) if one.error and one.error.code == NOT_SUBSCRIBED]
    _keep_results([(row, one) for row, one in zip(rows, found, strict=True) if row not in lost], clock)
    return lost


def _subscribe(rows: Sequence[Channel], url: str, clients: Clients, clock: Clock) -> None:
    """Each with its token, made when it has none; one that had ended has its list read for the gap."""
    asked, ended = crm_instant(rows[0].connection.now(clock) + LIFE), [row for row in rows if row.expires_at]
    for row in rows:
        _make_token(row)
    bodies = [_body(row, url, asked) for row in rows]
    try:
        found = clients.crm.watch(bodies)
    except ZohoError as trouble:
        _failed(rows, trouble.sentence, clock)
        return
    Channel.objects.filter(pk__in=[row.pk for row in rows]).update(url_digest=_digest(url))
    good = _keep_results(list(zip(rows, found, strict=True)), clock)
    for row in good:
        if row in ended:
            start_run(row.connection, row.kind, clock, trigger=HINT)


def _make_token(row: Channel) -> None:
    """Kept before CRM is told it: its first notification may come before its answer."""
    if not row.token_cipher:
        row.token_cipher = encrypt(Secret(secrets.token_urlsafe(32)), hooks.token_place(row))
        Channel.objects.filter(pk=row.pk).update(token_cipher=row.token_cipher)


def _body(row: Channel, url: str, expiry: str) -> Mapping[str, Any]:
    token = decrypt(row.token_cipher, hooks.token_place(row)).reveal()
    return {
        "channel_id": row.channel_id, "events": _events(row), "channel_expiry": expiry, "token": token,
        "notify_url": url, "return_affected_field_values": False, "notify_on_related_action": False,
    }  # fmt: skip


def _events(row: Channel) -> list[str]:
    return [f"{row.module}.all"]


def _keep_results(pairs: Iterable[tuple[Channel, RowResult]], clock: Clock) -> list[Channel]:
    """The expiry that CRM granted, not the one asked for, or its refusal; the channels that stand."""
    good = []
    for row, one in pairs:
        expires = _granted(one)
        if one.error is not None or expires is None:
            why = one.error.sentence if one.error else "CRM didn't say until when it stands."
            _failed([row], why, clock)
            continue
        columns = {"granted_at": row.connection.now(clock), "expires_at": expires, "trouble": "", "tries": 0}
        Channel.objects.filter(pk=row.pk).update(next_at=None, **columns)
        good.append(row)
    return good


def _granted(one: RowResult) -> datetime | None:
    events = one.details.get("events")
    found = [instant(event.get("channel_expiry")) for event in events] if isinstance(events, list) else []
    return min((at for at in found if at is not None), default=None)


def _failed(rows: Sequence[Channel], why: str, clock: Clock) -> None:
    """Asked again after a minute, then after twice as long, an hour at most."""
    for row in rows:
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
        Channel.objects.filter(pk=row.pk).update(trouble=why[:300], tries=row.tries + 1, next_at=clock.now() + wait)


def _tell(connection: Connection, clock: Clock) -> None:
    """Once, when a channel is about to end or has, and CRM doesn't renew it; once, when all stand again."""
    soon = connection.now(clock) + WARN_BEFORE
    rows = Channel.objects.filter(connection=connection)
    bad = rows.exclude(trouble="").filter(Q(expires_at=None) | Q(expires_at__lte=soon))
    if bad.exists():
        names = ", ".join(bad.values_list("module", flat=True))
        text = f"CRM doesn't renew its notifications for {names}: {bad[0].trouble} The lists are read as scheduled."
        alarms.sound(connection, ALARM, f"{connection}: CRM's notifications end", text, clock)
    elif not rows.exclude(trouble="").exists():
        text = "CRM tells zbridge of changes at once again."
        alarms.settle(connection, ALARM, f"{connection}: CRM's notifications are back", text, clock)


def silence(connection: Connection, clients: Clients, clock: Clock) -> None:
    """Tell CRM to say nothing more; whatever it answers, nothing more is believed. Raises ZohoError."""
    rows = list(Channel.objects.filter(connection=connection, expires_at__gt=connection.now(clock)))
    Channel.objects.filter(connection=connection).update(expires_at=None)
    alarms.settle(connection, ALARM, f"{connection}: CRM's notifications are off", "A person switched them off.", clock)
    if rows:
        clients.crm.renew_watch(
            [{"channel_id": row.channel_id, "events": _events(row), "_delete_events": True} for row in rows]
        )
