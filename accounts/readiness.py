"""The checks of a connection: each a row with a colour, a sentence and what mends it; red ones first."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from accounts import editions_told, figure_fields, native, pairing
from accounts.checks import Check, Seen, State, look
from accounts.clients import Seams
from accounts.line_settings import learn, lines_check
from accounts.models import Connection, Credential
from accounts.organisations import PATIENCE, read_money_anew
from accounts.own_fields import REPLACED_BY, is_unique
from accounts.rights import missing_features
from accounts.selftest import freshness
from zbridge.zoho.errors import ZohoError

ORDER = {"red": 0, "amber": 1, "ok": 2}
WON = "Closed Won"


def check(connection: Connection, seams: Seams) -> list[dict[str, Any]]:
    """Read what is needed (14 calls, and one for each tax group), keep the rows on the connection and answer them."""
    rows = sorted((asdict(row) for row in _checks(connection, seams)), key=lambda row: ORDER[row["state"]])
    connection.readiness, connection.readiness_at = rows, seams.clock.now()
    connection.save(update_fields=["readiness", "readiness_at"])
    return rows


def stops_going_live(connection: Connection, seams: Seams) -> list[str]:
    """What must be mended before the go-live day can be set: the red rows of a fresh check.

    The day itself is left out, and the figures in CRM: no draft hangs on them.
    """
    no_matter = ("Go-live", figure_fields.NAME)
    rows = [row for row in check(connection, seams) if row["state"] == "red" and row["name"] not in no_matter]
    return [row["sentence"] for row in rows]


def is_ready(rows: list[dict[str, Any]]) -> bool:
    """Whether nothing is red."""
    return all(row["state"] != "red" for row in rows)


def choices_of(connection: Connection, name: str) -> list[tuple[str, str]]:
    """What Zoho offered for a setting when the connection was last checked: value and label."""
    for row in connection.readiness:
        if name in row.get("choices", {}):
            return [(value, label) for value, label in row["choices"][name]]
    return []


def _checks(connection: Connection, seams: Seams) -> Iterator[Check]:
    credential = Credential.objects.filter(connection=connection).first()
    yield _consent(connection, credential)
    if credential is None or not credential.refresh_token_cipher:
        return
    yield _scopes(credential)
    if not connection.books_org_id:
        yield Check(
            "Organisation", "red", "No Books organisation is chosen yet.", "Choose the organisation below.", "choose"
        )
        return
    try:
        clients = seams.clients(connection, patience=PATIENCE)
        seen = look(clients)
        read_money_anew(connection, clients)
        seen.line_fields = learn(connection, clients)
        _keep_fields(connection, seen, seams)
    except ZohoError as trouble:
        yield Check("Zoho answers", "red", trouble.sentence, "Check again; if it stays, reconnect.", "connect")
        return
    yield _editions(connection, seen, seams)
    yield from pairing.judge(connection, seen)
    yield freshness.judge(connection)
    for judge in JUDGES:
        if not pairing.is_shut(judge, seen):
            yield judge(connection, seen)


def _keep_fields(connection: Connection, seen: Seen, seams: Seams) -> None:
    """What the figures' page chooses from; a module that is shut keeps what was known of it."""
    for module, rows in (("Accounts", seen.account_fields), ("Deals", seen.deal_fields)):
        if rows:
            figure_fields.keep(connection, module, rows, seams.clock.now())


def _editions(connection: Connection, seen: Seen, seams: Seams) -> Check:
    """Kept before it is judged: the limits and the self-test's answers hang on them."""
    told = editions_told.read_editions(seen.organisations, seen.crm_org, connection.books_org_id)
    changed = editions_told.note_told(connection, told, seams.clock)
    said = f"{editions_told.editions_of(connection)}."
    if changed:
        return Check("Editions", "amber", f"Changed since they were last read: {said}", "Run the self-test.")
    if not connection.books_plan or not connection.crm_edition:
        return Check("Editions", "amber", f"Zoho doesn't tell all: {said}", "Choose them on Calls and quota.")
    return Check("Editions", "ok", f"{said} The day's calls follow them.")


def _consent(connection: Connection, credential: Credential | None) -> Check:
    if credential is None or not credential.refresh_token_cipher:
        return Check("Access", "red", "Nobody has given zbridge access to Zoho yet.", "Press Connect.", "connect")
    if connection.state == Connection.State.RECONNECT:
        return Check("Access", "red", f"Access to Zoho ended: {connection.hold}", "Press Reconnect.", "connect")
    by = f" by {credential.consented_by}" if credential.consented_by else ""
    return Check("Access", "ok", f"Access was given{by}. One consent serves CRM and Books in the same data centre.")


def _scopes(credential: Credential) -> Check:
    missing = missing_features(credential.scopes)
    if missing:
        sentence = f"Rights are missing; without them these don't work: {'; '.join(missing)}."
        return Check("Rights", "red", sentence, "Press Reconnect and accept everything.", "connect")
    return Check("Rights", "ok", "All rights that zbridge asks for were granted; it asks for no right to delete.")


def _currencies(connection: Connection, seen: Seen) -> Check:
    codes = [row["code"] for row in connection.currencies]
    if len(codes) > 1:
        return Check("Currencies", "ok", f"Books bills in {', '.join(sorted(codes))}; they are never added together.")
    sentence = f"Books bills in {connection.currency} only; a deal in another currency is refused."
    return Check("Currencies", "amber", sentence, "Add currencies in Books' settings if you sell in more than one.")


def _key(connection: Connection, seen: Seen) -> Check:
    pairs = ((connection.invoice_key_field, seen.invoice_fields), (connection.customer_key_field, seen.contact_fields))
    found = [next((row for row in rows if str(row["field_id"]) == wanted), None) for wanted, rows in pairs]
    if all(row is not None and is_unique(row) for row in found):
        return Check("Key fields in Books", "ok", "Invoices and customers have zbridge's unique key field.")
    sentence = "Books has no unique key field of zbridge's, which keeps a sale from being billed twice."
    return Check("Key fields in Books", "red", sentence, "Press Make fields.", "fields")


def _uniqueness(connection: Connection, seen: Seen) -> Check:
    if connection.uniqueness_seen_at is not None:
        at = f"{connection.uniqueness_seen_at:%d %b %Y}"
        return Check("Twins are refused", "ok", f"On {at} Books was seen to refuse a second invoice with the same key.")
    sentence = "Nobody has seen yet that Books refuses a twin; so a lost answer waits for a person."
    return Check("Twins are refused", "amber", sentence, "Press Probe: it leaves one test draft to delete.", "probe")


def _deal_fields(connection: Connection, seen: Seen) -> Check:
    there = {row.get("api_name") for row in [*seen.deal_fields, *seen.quote_fields]}
    names = connection.crm_fields
    wanted = {names.get(key) for key in (*figure_fields.NEEDED, REPLACED_BY)} - {"", None}
    if set(figure_fields.NEEDED) <= set(names) and wanted <= there:
        return Check("Fields in CRM", "ok", "Deals show number, status and link of their invoice.")
    sentence = "CRM's deals have no fields for the invoice's number, status and link."
    return Check("Fields in CRM", "red", sentence, "Press Make fields.", "fields")


def _go_live(connection: Connection, seen: Seen) -> Check:
    if connection.go_live is None:
        sentence = "No go-live day is set, so nothing is billed."
        return Check("Go-live", "red", sentence, "Set the day below.", "settings")
    return Check("Go-live", "ok", f"Nothing won before {connection.go_live:%d %b %Y} is ever billed by itself.")


def _tax(connection: Connection, seen: Seen) -> Check:
    if connection.tax_regime == "none":
        return Check("Tax", "ok", "This organisation charges no tax.")
    found = next((row for row in connection.taxes if row["id"] == connection.default_tax_id), None)
    if found is None:
        sentence = "No default tax is chosen: lines whose item has no tax stop."
        return Check("Tax", "amber", sentence, "Choose the default tax below.", "settings")
    return Check("Tax", "ok", f"Lines and items without a tax of their own get {found['name']}.")


def _amount_item(connection: Connection, seen: Seen) -> Check:
    offered = {"items": [[str(row["item_id"]), str(row.get("name") or "")] for row in seen.items]}
    name = dict(offered["items"]).get(connection.amount_item_id)
    if name or connection.amount_item_id:
        return Check("Deals without lines", "ok", f"They are billed as one line: {name or 'an item'}.", choices=offered)
    state: State = "amber" if "amount" in connection.line_sources else "ok"
    sentence = "A deal without lines and without an accepted quote stops: no item is chosen for its amount."
    return Check("Deals without lines", state, sentence, "Choose the item below.", "settings", choices=offered)


def _stages(connection: Connection, seen: Seen) -> Check:
    stage = next((row for row in seen.quote_fields if row.get("api_name") == "Quote_Stage"), {})
    values = [str(value["actual_value"]) for value in stage.get("pick_list_values") or []]
    offered = {"accepted_stages": [[value, value] for value in values]}
    won = won_stages(connection)
    if not won:
        sentence = "No won stage was found in CRM's pipelines."
        return Check("Won stages", "red", sentence, "Choose the organisation again to read them.", "choose", offered)
    return Check("Won stages", "ok", f"A deal counts as won in: {', '.join(won)}.", choices=offered)


def _accepted(connection: Connection, seen: Seen) -> Check:
    """Whether CRM's own list still has every stage that counts as accepted; one that was renamed bills nothing."""
    stage = next((row for row in seen.quote_fields if row.get("api_name") == "Quote_Stage"), {})
    values = {str(value["actual_value"]) for value in stage.get("pick_list_values") or []}
    chosen = connection.accepted_stages
    missing = [one for one in chosen if one not in values]
    if missing and values:
        sentence = f"CRM's stages of quotes have no {' and no '.join(missing)} any more: none is ever accepted so."
        return Check("Accepted quotes", "amber", sentence, "Choose the stages below.", "settings")
    if not chosen:
        sentence = "No stage of quotes counts as accepted: only deals are billed."
        return Check("Accepted quotes", "amber", sentence, "Choose the stages below.", "settings")
    return Check("Accepted quotes", "ok", f"A quote counts as accepted in: {', '.join(chosen)}.")


def won_stages(connection: Connection) -> list[str]:
    """The names of the stages that CRM's pipelines count as won, in any language."""
    return sorted({key.partition("|")[2] for key, kind in connection.stage_types.items() if kind == WON})


JUDGES: tuple[Callable[[Connection, Seen], Check], ...] = (
    _currencies, _key, _uniqueness, _deal_fields, figure_fields.judge, _go_live, _tax, _amount_item, lines_check,
    _stages, _accepted, native.judge_native,
)  # fmt: skip
