"""Sending: send > authorised > once. A dead token is renewed once; a read that lost its connection is repeated once."""

from collections.abc import Mapping

from zbridge.clock import Clock
from zbridge.zoho import wire_json
from zbridge.zoho.calling import Ended, Reply, Signed, exchange
from zbridge.zoho.errors import Unavailable
from zbridge.zoho.gate import Call, Gate
from zbridge.zoho.oauth import Token, TokenStore
from zbridge.zoho.outcome import Effect
from zbridge.zoho.regions import Region
from zbridge.zoho.wire import DEADLINE, Wire

__all__ = ["Reply", "Transport", "Wire"]


class Transport:
    """Calls of one connection: its data centre, its tokens, its gate."""

    def __init__(
        self, region: Region, wire: Wire, tokens: TokenStore, gate: Gate, clock: Clock, *, deadline: float = DEADLINE
    ) -> None:
        self._region = region
        self._wire = wire
        self._tokens = tokens
        self._gate = gate
        self._clock = clock
        self._deadline = deadline

    def send(self, call: Call) -> Reply:
        """The reply to a call; everything else is raised as an error of errors.py."""
        ended = self._authorised(call)
        if _lost_its_connection(call, ended):
            ended = self._authorised(call)
        return ended.reply_or_raise()

    def _authorised(self, call: Call) -> Ended:
        token = self._tokens.current()
        ended = self._once(call, token)
        if ended.verdict.renews:
            ended = self._once(call, self._tokens.renew(token.version))
        return ended

    def _once(self, call: Call, token: Token) -> Ended:
        body = None if call.body is None else wire_json.dumps(call.body)
        signed = Signed(self._region, self._region.api, _headers(call, token), body, self._deadline)
        return exchange(call, signed, self._wire, self._gate, self._clock)


def _lost_its_connection(call: Call, ended: Ended) -> bool:
    """A read on a kept-alive socket that the peer had closed meanwhile: repeating it costs nothing and harms nobody."""
    reused_badly = isinstance(ended.error, Unavailable) and ended.reply is None and ended.code == "ConnectionError"
    return call.effect is Effect.READ and reused_badly


def _headers(call: Call, token: Token) -> Mapping[str, str]:
    headers = {"Authorization": f"Zoho-oauthtoken {token.value.reveal()}", **call.headers}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    return headers
