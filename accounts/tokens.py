"""The access token of a connection: one refresh at a time for all processes (reliability 8.1)."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from accounts import alarms
from accounts.models import Connection, Credential, Grant
from accounts.secrets import decrypt, encrypt
from zbridge.clock import Clock
from zbridge.zoho.errors import RateLimited, ReconnectNeeded, Unavailable
from zbridge.zoho.oauth import OAuth, Token, TokenAnswer
from zbridge.zoho.secret import Secret

REFRESH_LEASE = timedelta(seconds=20)
STILL_GOOD = timedelta(seconds=60)
# Zoho allows ten access tokens in ten minutes (facts CRM 1.5); five leave room for a second installation.
WINDOW, MOST = timedelta(minutes=10), 5
ACCESS_ENDED = "access"
POLL_SECONDS, PATIENCE_SECONDS = 0.25, 10.0


def place(credential: Credential, purpose: str) -> str:
    """What binds a ciphertext to its row and column."""
    return f"{credential.connection_id}:{purpose}"


class RowTokenStore:
    """Token store over the connection's Credential row."""

    def __init__(self, connection: Connection, oauth: OAuth, clock: Clock) -> None:
        self._connection = connection
        self._oauth = oauth
        self._clock = clock

    def current(self) -> Token:
        """The token in use; a new one when it ends within a minute."""
        row = self._row()
        if row.access_token_cipher and row.expires_at and row.expires_at > self._now() + STILL_GOOD:
            return self._token(row)
        return self.renew(row.version)

    def renew(self, stale_version: int) -> Token:
        """A token newer than the stale one: another process's, else ours, fetched with no transaction open."""
        began = self._clock.monotonic()
        while True:
            row = self._row()
            if row.version > stale_version:
                return self._token(row)
            if self._become_refresher(row):
                return self._refresh(row)
            if self._clock.monotonic() - began > PATIENCE_SECONDS:
                raise Unavailable("oauth", message="another process is refreshing the token", retry_after=5)
            self._clock.sleep(POLL_SECONDS)

    def _now(self) -> datetime:
        """Zoho's time: the life and the number of tokens follow it, on the simulator its own."""
        return self._connection.now(self._clock)

    def _row(self) -> Credential:
        row = Credential.objects.select_related("connection").get(connection=self._connection)
        if not row.refresh_token_cipher:
            raise ReconnectNeeded("oauth", message="there is no consent yet")
        if row.connection.state == Connection.State.RECONNECT:
            raise ReconnectNeeded("oauth")
        return row

    def _token(self, row: Credential) -> Token:
        return Token(decrypt(row.access_token_cipher, place(row, "access_token")), row.version)

    def _become_refresher(self, row: Credential) -> bool:
        now = self._clock.now()
        if len(_recent(row, self._now())) >= MOST:
            raise RateLimited("oauth", message="five tokens in ten minutes", retry_after=120, cause="throttle")
        free = Q(refreshing_until=None) | Q(refreshing_until__lt=now)
        mine = Credential.objects.filter(free, pk=row.pk, version=row.version)
        return mine.update(refreshing_until=now + REFRESH_LEASE) == 1

    def _refresh(self, row: Credential) -> Token:
        try:
            answer = self._oauth.refresh(
                row.client_id,
                decrypt(row.client_secret_cipher, place(row, "client_secret")),
                decrypt(row.refresh_token_cipher, place(row, "refresh_token")),
            )
        except ReconnectNeeded as trouble:
            self._free(row)
            reconnect_needed(self._connection, trouble.sentence, self._clock)
            raise
        except Exception:
            self._free(row)
            raise
        return self._store(row, answer)

    def _free(self, row: Credential) -> None:
        Credential.objects.filter(pk=row.pk, version=row.version).update(refreshing_until=None)

    def _store(self, row: Credential, answer: TokenAnswer) -> Token:
        """Only the refresher of this version stores; a loser's token is dropped."""
        now = self._now()
        columns = {
            "access_token_cipher": encrypt(answer.access_token, place(row, "access_token")),
            "expires_at": now + timedelta(seconds=answer.expires_in),
            "version": F("version") + 1,
            "refreshing_until": None,
            "refreshes": [*_recent(row, now), now.isoformat()],
        }
        if answer.scopes:
            columns["scopes"] = sorted(answer.scopes)
        Credential.objects.filter(pk=row.pk, version=row.version).update(**columns)
        return self._token(self._row())


def _recent(row: Credential, now: datetime) -> list[str]:
    return [at for at in row.refreshes if now - WINDOW < datetime.fromisoformat(at) <= now]


def store_consent(credential: Credential, answer: TokenAnswer, clock: Clock) -> None:
    """Keep what a consent gave: both tokens, what was granted, until when."""
    if answer.refresh_token is not None:
        credential.refresh_token_cipher = encrypt(answer.refresh_token, place(credential, "refresh_token"))
    credential.access_token_cipher = encrypt(answer.access_token, place(credential, "access_token"))
    credential.expires_at = credential.connection.now(clock) + timedelta(seconds=answer.expires_in)
    credential.version += 1
    credential.refreshing_until = None
    credential.scopes = sorted(answer.scopes) or credential.scopes
    credential.save()


def keep_client(credential: Credential, client_id: str, client_secret: Secret) -> None:
    """Keep the OAuth client's id and (encrypted) secret."""
    credential.client_id = client_id
    credential.client_secret_cipher = encrypt(client_secret, place(credential, "client_secret"))
    # A token that is refreshed meanwhile stays.
    credential.save(update_fields=["client_id", "client_secret_cipher"] if credential.pk else None)


def reconnect_needed(connection: Connection, sentence: str, clock: Clock) -> None:
    """All work holds, nothing is lost; people are told once."""
    changed = Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED).update(
        state=Connection.State.RECONNECT, hold=sentence[:200], held_at=clock.now()
    )
    if changed:
        said = f"{sentence} Work waits and nothing is lost; reconnect on the connection's page."
        Grant.objects.filter(connection=connection, ended_at=None).update(ended_at=clock.now())
        alarms.sound(connection, ACCESS_ENDED, f"Zoho access of {connection} ended", said, clock)


class FreshToken:
    """A token store of one token that nobody keeps yet: to look at an organisation before the consent is accepted."""

    def __init__(self, value: Secret) -> None:
        self._value = value

    def current(self) -> Token:
        """That token."""
        return Token(self._value, 0)

    def renew(self, stale_version: int) -> Token:
        """There is no other: the consent is refused."""
        raise ReconnectNeeded("oauth", message="the new consent doesn't open Zoho")
