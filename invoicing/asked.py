"""Drafts that a workflow of CRM asks for by a web hook: deal or quote is read as it is now, then the one service."""

from accounts.models import Connection
from invoicing import reading
from invoicing.claims import State
from invoicing.models import Conversion
from invoicing.reading import Gone
from invoicing.services import Request, request_conversion
from invoicing.workbench import Workbench
from syncjobs import hints
from syncjobs.absorbing import NotAsDocumented
from syncjobs.models import Hint
from zbridge.zoho.errors import ZohoError

VIA = "hook"
AT_A_TIME = 20


def work(connection: Connection, bench: Workbench) -> bool:
    """Ask for what the workflows want, each by its own; True when more waits now.

    None is given up: what CRM doesn't answer for is asked again, an hour apart at most.
    """
    for hint in hints.asked(connection, bench.clock.now())[:AT_A_TIME]:
        taken = hints.take(hints.asked(connection, bench.clock.now()).filter(pk=hint.pk), bench.clock)
        if taken and not _ask(connection, hint, bench):
            return False
    return hints.asked(connection, bench.clock.now()).exists()


def _ask(connection: Connection, hint: Hint, bench: Workbench) -> bool:
    """False when CRM didn't answer, so that the others wait too."""
    try:
        row = _request(connection, hint, bench)
    except Gone as gone:
        hints.settle([hint.pk], str(gone), bench.clock)
    except NotAsDocumented as odd:
        hints.put_off([hint.pk], str(odd), bench.clock)
    except ZohoError as trouble:
        wait = getattr(trouble, "retry_after", None)
        hints.put_off([hint.pk], trouble.sentence, bench.clock, after=wait)
        return False
    else:
        hints.settle([hint.pk], _outcome(row, hint), bench.clock)
    return True


def _request(connection: Connection, hint: Hint, bench: Workbench) -> Conversion:
    """Read fresh: the mirror may not know yet what made the workflow fire."""
    deal = reading.refresh_deal(connection, hint.remote_id, bench) if hint.kind == "deal" else None
    quote = reading.refresh_quote(connection, hint.remote_id, bench) if hint.kind == "quote" else None
    bench.point("asked by a hook")
    return request_conversion(Request(connection, deal, quote, via=VIA), bench.clock)


def _outcome(row: Conversion, hint: Hint) -> str:
    """What came of it, by the state in which the conversion was found."""
    if row.state == State.REFUSED:
        return str(row.problems[0].get("message", "")) if row.problems else "Refused."
    mine = row.requested_via == VIA and row.requested_at >= hint.arrived_at
    name = row.invoice_number or row.key
    if mine:
        return f"Draft invoice asked for ({name})."
    return f"It was asked for already ({name}); no second one is made."
