"""Consent: a single-use `state` bound to person, session and connection; redirect judged; code exchanged at once.

The redirect's `accounts-server` is never called: whoever made the link could name any host (reliability 8, 1-3 and 10).
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction

from accounts import audit, grants, holds
from accounts.clients import Seams, region_of
from accounts.data_centres import centre_name
from accounts.models import Connection, Credential, Grant, OAuthState, User
from accounts.secrets import decrypt
from accounts.tokens import FreshToken, place, store_consent
from zbridge.clock import Clock
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.oauth import TokenAnswer, authorize_url
from zbridge.zoho.regions import REGIONS
from zbridge.zoho.secret import Secret

log = logging.getLogger(__name__)
STATE_LIFE = timedelta(minutes=10)
# What a wrong registration of the client looks like (facts CRM 1.4), and what mends it.
CLIENT_FAULTS = {
    "invalid_client": "Zoho doesn't know this client ID in {centre}: copy it from the API console of that data centre, "
    "or switch the client on for all data centres there.",
    "invalid_client_secret": "The client secret isn't that of this client ID in {centre}: copy it again.",
    "invalid_redirect_uri": "In the API console the redirect address isn't exactly {address}.",
    "invalid_code": "The consent's code was used already or is too old: press Connect again.",
}


class ConsentRefused(Exception):
    """The consent is not accepted; its text is the sentence for the person."""


@dataclass(frozen=True)
class Person:
    """Who consents: the user and her browser session."""

    user: User
    session_key: str


@dataclass(frozen=True)
class Redirect:
    """What Zoho's redirect carried; anybody can have made it."""

    state: str
    code: str = ""
    location: str = ""
    accounts_server: str = ""
    error: str = ""


def begin(connection: Connection, person: Person, redirect_uri: str, clock: Clock) -> str:
    """The address of Zoho's consent page, with a fresh state of 256 random bits, good for ten minutes."""
    state = secrets.token_urlsafe(32)
    now = clock.now()
    with transaction.atomic():
        OAuthState.objects.filter(expires_at__lt=now).delete()
        OAuthState.objects.create(
            digest=_digest(state), session_digest=_digest(person.session_key), user=person.user,
            connection=connection, expires_at=now + STATE_LIFE,
        )  # fmt: skip
        audit.record(
            person.user, "consent_asked", f"Asked Zoho for access for {connection}.", connection=connection,
            subject=("connection", str(connection.pk)), clock=clock,
        )  # fmt: skip
    client_id = Credential.objects.get(connection=connection).client_id
    return authorize_url(region_of(connection), client_id, redirect_uri, state)


def finish(redirect: Redirect, person: Person, redirect_uri: str, seams: Seams) -> Connection:
    """Spend the state, judge the redirect, exchange the code, keep the tokens; ConsentRefused changes nothing else."""
    connection = _spend(redirect.state, person, seams.clock)
    if redirect.error or not redirect.code:
        raise ConsentRefused("Zoho was not given the consent, so nothing was changed. Press Connect to try again.")
    connection = _at_data_centre(connection, redirect)
    credential = Credential.objects.get(connection=connection)
    credential.connection = connection
    answer = _exchanged(connection, credential, redirect.code, redirect_uri, seams)
    old = _old_refresh_token(credential)
    _keep(connection, credential, answer, person.user, seams.clock)
    _revoke(connection, old, answer, seams)
    return connection


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _spend(state: str, person: Person, clock: Clock) -> Connection:
    """The state's connection, if the state is ours, this session's, in time, and not used before."""
    rows = OAuthState.objects.filter(
        digest=_digest(state), session_digest=_digest(person.session_key), user=person.user, used_at=None,
        expires_at__gt=clock.now(),
    )  # fmt: skip
    row = rows.select_related("connection").first()
    if row is None or rows.update(used_at=clock.now()) != 1:
        raise ConsentRefused("This consent was not started here, or took longer than ten minutes. Press Connect again.")
    return row.connection


def _at_data_centre(connection: Connection, redirect: Redirect) -> Connection:
    """The connection at the data centre that the redirect names, which must be one of the table."""
    location = redirect.location or connection.data_centre
    if connection.is_simulator and location == connection.data_centre:
        return connection
    if location not in REGIONS:
        raise ConsentRefused("The answer names a data centre that zbridge doesn't know, so it was refused.")
    if redirect.accounts_server and redirect.accounts_server.rstrip("/") != REGIONS[location].accounts:
        raise ConsentRefused("The answer names a log-in server that isn't that data centre's, so it was refused.")
    if location != connection.data_centre and (connection.books_org_id or connection.is_simulator):
        here, there = centre_name(connection.data_centre), centre_name(location)
        raise ConsentRefused(
            f"This Zoho user lives in {there}, this connection in {here}: data centres never share a connection. "
            "Log in to Zoho as the right user, or make another connection for that data centre."
        )
    connection.asked_in, connection.data_centre = connection.data_centre, location
    return connection


def _exchanged(
    connection: Connection, credential: Credential, code: str, redirect_uri: str, seams: Seams
) -> TokenAnswer:
    client_secret = decrypt(credential.client_secret_cipher, place(credential, "client_secret"))
    try:
        answer = seams.oauth(connection).exchange(credential.client_id, client_secret, code, redirect_uri)
        if answer.refresh_token is None:
            raise ConsentRefused("Zoho gave no lasting access. Press Connect again and accept everything it asks for.")
        _check_same_organisations(connection, answer, seams)
    except ZohoError as trouble:
        said = CLIENT_FAULTS.get(trouble.code, trouble.sentence)
        for word, found in (("{centre}", centre_name(connection.data_centre)), ("{address}", redirect_uri)):
            said = said.replace(word, found)
        raise ConsentRefused(f"{said} The old access was not touched.") from trouble
    return answer


def _check_same_organisations(connection: Connection, answer: TokenAnswer, seams: Seams) -> None:
    """A reconnect never moves a connection to other organisations: every key of an invoice is bound to them."""
    if not connection.books_org_id:
        return
    clients = seams.clients(connection, tokens=FreshToken(answer.access_token), patience=10.0)
    seen = {str(row.get("organization_id")) for row in clients.books.organizations()}
    if connection.books_org_id not in seen or crm_org_id(clients.crm.org()) != connection.crm_org_id:
        raise ConsentRefused(
            f"This Zoho user has no access to {connection.books_org_name} and {connection.crm_org_name}, "
            "so the consent was refused."
        )


def crm_org_id(row: dict[str, object]) -> str:
    """CRM's id of an organisation: `zgid`, which never changes (facts CRM 3.5)."""
    return str(row.get("zgid") or row.get("id") or "")


def _old_refresh_token(credential: Credential) -> Secret | None:
    if not credential.refresh_token_cipher:
        return None
    return decrypt(credential.refresh_token_cipher, place(credential, "refresh_token"))


def _keep(connection: Connection, credential: Credential, answer: TokenAnswer, user: User, clock: Clock) -> None:
    with transaction.atomic():
        credential.consented_by, credential.consented_at = user, clock.now()
        store_consent(credential, answer, clock)
        chosen = bool(connection.books_org_id)
        connection.state = Connection.State.CONNECTED if chosen else Connection.State.DRAFT
        connection.hold, connection.hold_until, connection.held_at = "", None, None
        connection.save(update_fields=["state", "hold", "hold_until", "held_at", "data_centre"])
        audit.record(
            user, "consented", f"Zoho gave access for {connection}.", connection=connection,
            subject=("connection", str(connection.pk)), detail={"scopes": credential.scopes}, clock=clock,
        )  # fmt: skip
        Grant.objects.create(connection=connection, client_id=credential.client_id, user=user, given_at=clock.now())
        holds.ring_resume(connection)


def _revoke(connection: Connection, old: Secret | None, answer: TokenAnswer, seams: Seams) -> None:
    """The replaced refresh token ends; a dead one is no trouble. The simulator's well-known one is everybody's."""
    if old is None or connection.is_simulator or old == answer.refresh_token:
        return
    try:
        seams.oauth(connection).revoke(old)
        grants.end_older(connection, seams.clock)
    except ZohoError as trouble:
        log.warning("The replaced refresh token of connection %s wasn't revoked: %s", connection.pk, trouble)
