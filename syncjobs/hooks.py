"""Where Zoho knocks: addresses and secrets of the doors, what is believed there, and the inbox that it goes into.

Of a body only kind and id are read; what is true is asked of Zoho afterwards (`hints`).
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts import audit
from accounts.models import Connection, User
from accounts.secrets import decrypt, encrypt
from syncjobs.domain import hooks as domain
from syncjobs.domain.hooks import Said
from syncjobs.hints import ring_for
from syncjobs.models import Channel, Hint, HookAddress
from zbridge.clock import Clock
from zbridge.zoho.secret import Secret

Sort = HookAddress.Sort
MOST_A_MINUTE = 600
OLD_FOR = timedelta(hours=24)
# Books takes 12 to 50 letters and digits (facts Books 8).
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SECRET_LENGTH = 40
FORM = "application/x-www-form-urlencoded"


class NotBelieved(Exception):
    """What knocked isn't who it says, or can't be read: `status` is the answer, the sentence goes on the page."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Knock:
    """What came: the query, the body as it was sent, and the headers that matter."""

    query: str
    body: bytes
    content_type: str = ""
    signature: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """The query's pairs, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)

    def form(self) -> list[tuple[str, str]]:
        """The fields of a form; none of a JSON body."""
        return parse_qsl(self.body.decode("latin-1"), keep_blank_values=True) if self.is_form else []

    @property
    def is_form(self) -> bool:
        """Whether the body is a form."""
        return self.content_type.split(";")[0].strip().lower() == FORM


# -- addresses and secrets ---------------------------------------------------------------------------------------------


def _fresh() -> Secret:
    return Secret(secrets.token_urlsafe(32))


def _fresh_secret() -> Secret:
    return Secret("".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH)))


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _place(row: HookAddress, purpose: str) -> str:
    return f"{row.connection_id}:hook:{row.sort}:{purpose}"


def unreachable(connection: Connection) -> str:
    """Why Zoho can't reach this zbridge, in a sentence; empty when nothing is known against it."""
    parts = urlsplit(settings.ZBRIDGE_PUBLIC_URL)
    if not parts.hostname:
        return "zbridge has no public address, so Zoho can't reach it."
    if connection.is_simulator:
        return ""
    if parts.scheme != "https" or _is_inside(parts.hostname):
        return f"Zoho can't reach {parts.scheme}://{parts.hostname}: it takes an address on the internet, with https."
    return ""


def _is_inside(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))


def address_of(connection: Connection, sort: str, clock: Clock) -> HookAddress:
    """The address of that sort, made with its secrets on first need."""
    found = HookAddress.objects.filter(connection=connection, sort=sort).first()
    if found is not None:
        return found
    secret = _fresh()
    row = HookAddress(connection=connection, sort=sort, digest=_digest(secret.reveal()), made_at=clock.now())
    row.address_cipher = encrypt(secret, _place(row, "address"))
    if sort == Sort.BOOKS:
        row.secret_cipher = encrypt(_fresh_secret(), _place(row, "secret"))
    HookAddress.objects.bulk_create([row], ignore_conflicts=True)
    return HookAddress.objects.get(connection=connection, sort=sort)


def url(row: HookAddress) -> str:
    """The whole address, secret included: for the one who sets it up in Zoho, and for Zoho."""
    secret = decrypt(row.address_cipher, _place(row, "address")).reveal()
    return f"{settings.ZBRIDGE_PUBLIC_URL}/hooks/{row.sort}/{secret}/"


def signing_secret(row: HookAddress) -> str:
    """What Books signs with; empty where bodies aren't signed."""
    return decrypt(row.secret_cipher, _place(row, "secret")).reveal() if row.secret_cipher else ""


def change_secret(connection: Connection, sort: str, user: User, clock: Clock) -> HookAddress:
    """A new secret; the one before is good for a day more. Books' signs the bodies, a workflow's is in the address."""
    row, until = address_of(connection, sort, clock), clock.now() + OLD_FOR
    if sort == Sort.BOOKS:
        row.old_secret_cipher, row.secret_cipher = row.secret_cipher, encrypt(_fresh_secret(), _place(row, "secret"))
    else:
        fresh = _fresh()
        row.old_digest, row.digest = row.digest, _digest(fresh.reveal())
        row.address_cipher = encrypt(fresh, _place(row, "address"))
    row.old_until = until
    with transaction.atomic():
        row.save(
            update_fields=[
                "old_secret_cipher", "secret_cipher", "old_digest", "digest", "address_cipher", "old_until"
            ]
        )  # fmt: skip
        said = f"A new secret ({row.get_sort_display()}); the old one is good for a day."
        _note(user, "hook_secret", said, row, clock)
    return row


def note_shown(connection: Connection, user: User, clock: Clock) -> None:
    """Somebody had the addresses and secrets shown: that goes to the audit trail."""
    row = address_of(connection, Sort.BOOKS, clock)
    _note(user, "hook_shown", f"Had the web hooks' addresses and secrets of {connection} shown.", row, clock)


def _note(user: User, verb: str, sentence: str, row: HookAddress, clock: Clock) -> None:
    subject = ("hooks", str(row.connection_id))
    audit.record(user, verb, sentence, connection=row.connection, subject=subject, clock=clock)


# -- what knocks -------------------------------------------------------------------------------------------------------


def found_at(sort: str, secret: str, clock: Clock) -> HookAddress | None:
    """Whose address that is, the one before included while it is good; None for everything else."""
    digest = _digest(secret)
    known = Q(digest=digest) | Q(old_digest=digest, old_until__gt=clock.now())
    row = HookAddress.objects.filter(known, sort=sort).select_related("connection").first()
    fits = row is not None and any(hmac.compare_digest(digest, one) for one in (row.digest, row.old_digest))
    return row if fits else None


def may_knock(row: HookAddress, clock: Clock) -> bool:
    """Count this knock; False when the address had its share of this minute."""
    minute = clock.now().replace(second=0, microsecond=0)
    mine = HookAddress.objects.filter(pk=row.pk)
    if mine.filter(minute=minute, knocks__lt=MOST_A_MINUTE).update(knocks=F("knocks") + 1):
        return True
    return bool(mine.exclude(minute=minute).update(minute=minute, knocks=1))


def hear(row: HookAddress, knock: Knock, clock: Clock) -> int:
    """Believe or not, keep the hints and ring; how many records were named. Raises NotBelieved."""
    try:
        said = HEARD[row.sort](row, knock, clock)
    except NotBelieved as refused:
        HookAddress.objects.filter(pk=row.pk).update(refused_at=clock.now(), refused_for=str(refused)[:100])
        raise
    with transaction.atomic():
        HookAddress.objects.filter(pk=row.pk).update(heard_at=clock.now())
        if fresh := _keep(row, said, knock.body, clock.now()):
            ring_for(row.connection, fresh)
    return len(said)


def _keep(row: HookAddress, said: Sequence[Said], body: bytes, now: datetime) -> list[Hint]:
    """Into the inbox; what stands there already is counted. The hints that are new."""
    named = {domain.same_again(row.sort, one, body): one for one in said}
    known = Hint.objects.filter(connection=row.connection, digest__in=list(named))
    there = set(known.values_list("digest", flat=True))
    known.update(times=F("times") + 1, last_at=now)
    fresh = [
        Hint(
            connection=row.connection, sort=row.sort, kind=one.kind, remote_id=one.remote_id, said=one.operation,
            digest=digest, arrived_at=now, last_at=now,
        )
        for digest, one in named.items() if digest not in there
    ]  # fmt: skip
    Hint.objects.bulk_create(fresh, ignore_conflicts=True)
    return fresh


def _crm(row: HookAddress, knock: Knock, clock: Clock) -> list[Said]:
    """A notification is believed by its channel's token (facts CRM 4.3); nothing is signed."""
    body = _json(knock.body)
    channel = Channel.objects.filter(connection=row.connection, channel_id=_text(body, "channel_id")).first()
    token = decrypt(channel.token_cipher, token_place(channel)).reveal() if channel and channel.token_cipher else ""
    if not token or not hmac.compare_digest(token.encode(), _text(body, "token").encode("utf-8", "replace")):
        raise NotBelieved(401, "A notification without the token of one of our channels was refused.")
    return domain.crm_says(body) if row.wanted else []


def _books(row: HookAddress, knock: Knock, clock: Clock) -> list[Said]:
    """A web hook is believed by its signature, which is looked at before anything of the body is."""
    if not domain.is_signed(knock.signature, _good_secrets(row, clock), knock.pairs(), knock.form(), _raw(knock)):
        raise NotBelieved(401, "A web hook whose signature isn't Books' was refused.")
    body = dict(knock.form()).get("JSONString", "").encode("utf-8", "replace") if knock.is_form else knock.body
    return domain.books_says(_json(body), row.connection.books_org_id)


def _raw(knock: Knock) -> bytes:
    return b"" if knock.is_form else knock.body


def _good_secrets(row: HookAddress, clock: Clock) -> list[str]:
    """The secret, and the one before while it is good."""
    ciphers = [row.secret_cipher]
    if row.old_until and row.old_until > clock.now():
        ciphers.append(row.old_secret_cipher)
    return [decrypt(cipher, _place(row, "secret")).reveal() for cipher in ciphers if cipher]


def _convert(row: HookAddress, knock: Knock, clock: Clock) -> list[Said]:
    """A workflow is believed by the address that it knows."""
    said = domain.asks_to_bill(dict(knock.form()) if knock.is_form else _json(knock.body))
    if not said:
        raise NotBelieved(400, "A workflow's web hook named no deal or quote: it sends module and id.")
    return said


HEARD: Mapping[str, Callable[[HookAddress, Knock, Clock], list[Said]]] = {
    Sort.CRM: _crm, Sort.BOOKS: _books, Sort.CONVERT: _convert,
}  # fmt: skip


def token_place(channel: Channel) -> str:
    """What binds a channel's token to its row."""
    return f"{channel.connection_id}:channel:{channel.module}"


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return str(found) if isinstance(found, str | int) else ""


def _json(body: bytes) -> dict[str, Any]:
    """The body as an object; NotBelieved when it is something else, deeper than can be read, or not UTF-8."""
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as trouble:
        raise NotBelieved(400, "A web hook that can't be read was refused.") from trouble
    if not isinstance(found, dict):
        raise NotBelieved(400, "A web hook that can't be read was refused.")
    return found
