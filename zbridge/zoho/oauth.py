"""Zoho's consent and tokens: the consent address, the three token calls, and what a token store must offer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from zbridge.clock import Clock
from zbridge.zoho.calling import Signed, exchange
from zbridge.zoho.errors import Unreadable
from zbridge.zoho.gate import Call, Gate, NullGate, Priority
from zbridge.zoho.regions import Region, check_api_domain
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import Wire

__all__ = ["OAuth", "Scopes", "Secret", "Token", "TokenAnswer", "TokenStore", "authorize_url"]

# Zoho's token endpoint answers fast or not at all; a refresh holds others up (reliability 8.1, 3).
TOKEN_DEADLINE = 10.0
TOKEN = "/oauth/v2/token"  # noqa: S105
REVOKE = "/oauth/v2/token/revoke"


def _crm_modules(*names: str) -> frozenset[str]:
    return frozenset(f"ZohoCRM.modules.{name}.{right}" for name in names for right in ("READ", "CREATE", "UPDATE"))


class Scopes:
    """The least that zbridge needs (facts simulator-defaults, last paragraph; CRM 1.6): never ALL, never DELETE."""

    CRM = _crm_modules("accounts", "contacts", "deals", "quotes", "products") | {
        "ZohoCRM.settings.modules.READ", "ZohoCRM.settings.fields.READ", "ZohoCRM.settings.fields.CREATE",
        "ZohoCRM.settings.layouts.READ", "ZohoCRM.settings.pipeline.READ", "ZohoCRM.settings.currencies.READ",
        "ZohoCRM.org.READ", "ZohoCRM.users.READ", "ZohoCRM.coql.READ",
        "ZohoCRM.notifications.CREATE", "ZohoCRM.notifications.READ", "ZohoCRM.notifications.UPDATE",
        "ZohoSearch.securesearch.READ",
    }  # fmt: skip
    BOOKS = frozenset({
        "ZohoBooks.contacts.READ", "ZohoBooks.contacts.CREATE", "ZohoBooks.contacts.UPDATE",
        "ZohoBooks.invoices.READ", "ZohoBooks.invoices.CREATE",
        "ZohoBooks.customerpayments.READ", "ZohoBooks.creditnotes.READ",
        "ZohoBooks.settings.READ", "ZohoBooks.settings.CREATE", "ZohoBooks.settings.UPDATE",
    })  # fmt: skip
    ALL = CRM | BOOKS


@dataclass(frozen=True)
class Token:
    """The access token in use; `version` grows with each refresh."""

    value: Secret
    version: int


class TokenStore(Protocol):
    """Where the client gets its access token; keeping refreshes to one at a time is the store's business."""

    def current(self) -> Token:
        """The token to use now; raises Waits or ReconnectNeeded when there is none."""
        ...

    def renew(self, stale_version: int) -> Token:
        """A newer token than the stale one: somebody else's if there is one already, else freshly got."""
        ...


@dataclass(frozen=True)
class TokenAnswer:
    """What Zoho granted. `refresh_token` comes once, at consent; `expires_in` is seconds, held within 60..3600."""

    access_token: Secret
    refresh_token: Secret | None
    scopes: frozenset[str]
    expires_in: int
    api_domain: str


def authorize_url(
    region: Region, client_id: str, redirect_uri: str, state: str, scopes: Iterable[str] = Scopes.ALL
) -> str:
    """Where to send the browser for consent; offline and prompt=consent, or no refresh token comes (facts CRM 1.2)."""
    asked = {
        "response_type": "code", "client_id": client_id, "scope": ",".join(sorted(scopes)),
        "redirect_uri": redirect_uri, "access_type": "offline", "prompt": "consent", "state": state,
    }  # fmt: skip
    return f"{region.accounts}/oauth/v2/auth?{urlencode(asked)}"


class OAuth:
    """The token calls of one data centre; secrets travel in the body, never in a URL that somebody logs."""

    def __init__(self, region: Region, wire: Wire, clock: Clock, gate: Gate | None = None) -> None:
        self._region = region
        self._wire = wire
        self._clock = clock
        self._gate = gate or NullGate()

    def exchange(self, client_id: str, client_secret: Secret, code: str, redirect_uri: str) -> TokenAnswer:
        """Turn the consent's code into tokens; it is good for one try within two minutes (facts CRM 1.2)."""
        grant = "authorization_code"
        return self._tokens(_form(client_id, client_secret, grant_type=grant, redirect_uri=redirect_uri, code=code))

    def refresh(self, client_id: str, client_secret: Secret, refresh_token: Secret) -> TokenAnswer:
        """A new access token; raises ReconnectNeeded when the refresh token is dead, Waits when Zoho throttles."""
        grant = "refresh_token"
        return self._tokens(_form(client_id, client_secret, grant_type=grant, refresh_token=refresh_token.reveal()))

    def revoke(self, token: Secret) -> None:
        """End a refresh token and its access tokens; one that Zoho doesn't know raises ReconnectNeeded or Rejected."""
        self._post(REVOKE, Secret(urlencode({"token": token.reveal()})))

    def _tokens(self, form: Secret) -> TokenAnswer:
        answer = read_token_answer(self._post(TOKEN, form))
        check_api_domain(self._region, answer.api_domain)
        return answer

    def _post(self, path: str, form: Secret) -> Any:
        call = Call("oauth", "POST", path, path, {}, Priority.CLICK)
        signed = Signed(
            self._region, self._region.accounts, {"Content-Type": "application/x-www-form-urlencoded"},
            form.reveal().encode(), TOKEN_DEADLINE,
        )  # fmt: skip
        ended = exchange(call, signed, self._wire, self._gate, self._clock)
        return ended.reply_or_raise().json


def _form(client_id: str, client_secret: Secret, **grant: str) -> Secret:
    """The body of a token request; wrapped, since local variables show in error pages and error mails."""
    return Secret(urlencode({**grant, "client_id": client_id, "client_secret": client_secret.reveal()}))


def read_token_answer(found: Mapping[str, Any]) -> TokenAnswer:
    """Read a token answer of either shape: where `expires_in_sec` exists, `expires_in` is ms (facts CRM 1.3)."""
    if not isinstance(found, Mapping) or not found.get("access_token"):
        raise Unreadable("oauth", message="no access token in the answer")
    refresh_token = found.get("refresh_token")
    return TokenAnswer(
        access_token=Secret(str(found["access_token"])),
        refresh_token=Secret(str(refresh_token)) if refresh_token else None,
        scopes=frozenset(str(found.get("scope") or "").replace(",", " ").split()),
        expires_in=_lifetime(found.get("expires_in_sec", found.get("expires_in"))),
        api_domain=str(found.get("api_domain") or ""),
    )


def _lifetime(given: object) -> int:
    """Seconds, 60..3600; anything odd counts as an hour, since a dead token is noticed by its 401 anyway (F13)."""
    seconds = int(given) if isinstance(given, int | str) and str(given).isdigit() else 3600
    return max(60, min(3600, seconds))
