"""Whether the self-test was run, and under the plans of today; and what its answers cost."""

from accounts.checks import Check
from accounts.models import Connection, SelfTest

NAMES = {"data_centre": "data centre", "books_plan": "Books plan", "crm_edition": "CRM edition"}
COSTLY = "Lists carry no custom fields here: each look-up by key reads single invoices, one call each."


def circumstances(connection: Connection) -> dict[str, str]:
    """What the answers hang on: they are worth asking again when one of these changes."""
    return {
        "data_centre": connection.data_centre, "books_plan": connection.books_plan,
        "crm_edition": connection.crm_edition, "country": connection.country,
    }  # fmt: skip


def changes(connection: Connection, test: SelfTest | None) -> str:
    """Why it should be run again: a plan, edition or place is not what it was; empty when nothing changed."""
    if test is None:
        return ""
    now = circumstances(connection)
    found = [name for key, name in NAMES.items() if test.circumstances.get(key, now[key]) != now[key]]
    return f"The {' and the '.join(found)} changed since the last self-test: run it again." if found else ""


def judge(connection: Connection) -> Check:
    """The row of the self-test among the checks."""
    test = SelfTest.objects.filter(connection=connection, state=SelfTest.State.DONE).first()
    if test is None:
        sentence = "Nobody has asked this organisation yet what Zoho's documentation leaves open."
        if connection.is_simulator:
            return Check("Self-test", "ok", sentence)
        return Check("Self-test", "amber", sentence, "Run it.", "self_test")
    changed = changes(connection, test)
    if changed:
        return Check("Self-test", "amber", changed, "Run it.", "self_test")
    costly = connection.answers.get("cf_in_list", {}).get("value") == "no"
    done = f"Last run on {test.requested_at:%d %b %Y}."
    return Check("Self-test", "ok", f"{done} {COSTLY}" if costly else done)
