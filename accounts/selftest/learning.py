"""What zbridge does with the answers: they are kept on the connection, and the code that needs one goes by it."""

from datetime import datetime

from accounts.connecting import keep_settings
from accounts.models import Connection, SelfTest, SelfTestStep
from zbridge.clock import Clock


def learn(test: SelfTest, clock: Clock) -> None:
    """Keep the answers; twins and the order of discount and tax follow from them."""
    rows = {row.question: row for row in test.steps.filter(state=SelfTestStep.State.ASKED)}
    connection = Connection.objects.get(pk=test.connection_id)
    found = {code: {"answer": row.answer, "value": row.value, "at": _when(row)} for code, row in rows.items()}
    connection.answers = {**connection.answers, **found}
    connection.uniqueness_seen_at = _uniqueness(connection, rows, clock)
    connection.save(update_fields=["answers", "uniqueness_seen_at"])
    order = rows.get("discount_order")
    if order is not None and order.value in ("before", "as_sent"):
        wanted = {"discount_before_tax_always": order.value == "before"}
        keep_settings(connection, wanted, test.requested_by, clock)


def _when(row: SelfTestStep) -> str:
    return row.answered_at.isoformat() if row.answered_at else ""


def _uniqueness(connection: Connection, rows: dict[str, SelfTestStep], clock: Clock) -> datetime | None:
    """Seen when a twin is refused, also at the same moment; not relied on when one of the two passed."""
    said = [rows[code].answer for code in ("unique_twin", "twin_race") if code in rows]
    if "no" in said:
        return None
    return clock.now() if said == ["yes", "yes"] else connection.uniqueness_seen_at


def answer_of(connection: Connection, code: str) -> str:
    """The answer to a question in a word, as last found; empty when it was never asked."""
    return str(connection.answers.get(code, {}).get("value", ""))
