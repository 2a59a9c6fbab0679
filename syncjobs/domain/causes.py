"""Why a write didn't go through, in plain words, and what mends it: grouped by Zoho's code and sentence. Pure."""

import re
from dataclasses import dataclass

from syncjobs.domain.mapping import NAMES
from syncjobs.domain.records import Side

MAPPING, WHO, CONNECTION, LINK, NOWHERE = "mapping", "who", "connection", "link", ""


@dataclass(frozen=True)
class Cause:
    """`title` and `fix` name the side as {side}, the other one as {other}. `place` is the page that mends it, with its
    button; empty where Zoho itself is that place. `by_itself`: the next run tries it again without anybody's help."""

    slug: str
    title: str
    fix: str
    place: str = NOWHERE
    button: str = ""
    by_itself: bool = False


CAUSES: dict[str, Cause] = {
    one.slug: one
    for one in (
        Cause(
            "tax", "{side} doesn't know this tax.",
            "Map the tax to one that {side} has, or make it there; then retry.", MAPPING, "Map the tax",
        ),
        Cause(
            "currency", "{side} doesn't have this currency.",
            "Add it in {side}'s settings and press Check on the connection; then retry.", CONNECTION,
            "Open the connection",
        ),
        Cause(
            "too_long", "A text is longer than {side} allows.",
            "Shorten it in {other}, where it comes from; then retry.",
        ),
        Cause(
            "missing", "{side} needs a field that is empty.",
            "Fill it in in {other}, or give its line a default; then retry.", MAPPING, "Open the mapping",
        ),
        Cause(
            "duplicate", "{side} has another record with this name, SKU or key already.",
            "Link the two if they are the same thing, or rename one; then retry.", WHO, "Open Who is who",
        ),
        Cause(
            "unmapped", "A value has no counterpart in {side} yet.",
            "Add it to the field's line in the mapping; then retry.", MAPPING, "Open the mapping",
        ),
        Cause(
            "invalid", "{side} doesn't take a value as it is.",
            "Correct it in {other}, or change how its line is read; then retry.", MAPPING, "Open the mapping",
        ),
        Cause(
            "gone", "The record is no longer there.",
            "Look at the link: unlink it, or bring the record back; then retry.", LINK, "Open the links",
        ),
        Cause(
            "inactive", "The record is inactive in {side}.", "Make it active there; then retry.",
        ),
        Cause(
            "locked", "The record is locked in {side}, or waits for an approval there.",
            "Unlock it in {side}; the next run tries it again by itself.", by_itself=True,
        ),
        Cause(
            "permission", "{side} says that the connected user may not do this.",
            "Give that user the right in {side}, or reconnect with all permissions; then retry.",
            CONNECTION, "Open the connection",
        ),
        Cause(
            "moved", "It was changed in {side} after the plan was made, so zbridge left it alone.",
            "Nothing is to be mended: the next run looks at it again, or retry now.", by_itself=True,
        ),
        Cause(
            "lost", "The answer was lost: {side} may have saved it or not.",
            "Nothing is to be mended: zbridge looks first and sends nothing twice. The next run does, or retry now.",
            by_itself=True,
        ),
        Cause(
            "waits", "It waits for something else to end first.",
            "Nothing is to be mended: the next run tries it again, or retry now.", by_itself=True,
        ),
        Cause(
            "rules", "The rules have changed since it was planned.",
            "Nothing is to be mended: a retry goes by the rules as they are now.", by_itself=True,
        ),
        Cause(
            "other", "{side} refused it for a reason that zbridge doesn't know.",
            "Read what {side} said below and mend it there; then retry.",
        ),
    )
}  # fmt: skip

MISSING_CODES = frozenset({
    "MANDATORY_NOT_FOUND", "REQUIRED_PARAM_MISSING", "EXPECTED_PARAM_MISSING", "EXPECTED_FIELD_MISSING",
    "DEPENDENT_FIELD_MISSING",
})  # fmt: skip
DENIED = frozenset({"NO_PERMISSION", "AUTHORIZATION_FAILED", "OAUTH_SCOPE_MISMATCH", "57", "6018", "6041"})
# Codes that say little: the words beside them tell more. Without a code it is zbridge that speaks.
UNSAYING = frozenset({"", "2", "4", "1002", "INVALID_DATA"})
OF_TAX = re.compile(r"\btax(es|_id|_name)?\b(?! id)(?! number)", re.IGNORECASE)
# A record may be called anything, also “Tax Office”.
NAMES_IN_IT = re.compile(r"[\"“][^\"”]*[\"”]|^Books refused .*?: ")
# First match counts. A code alone decides where it says one thing; words decide where Zoho gives one code for many.
BY_CODE = (
    (DENIED, "permission"), (MISSING_CODES, "missing"), (frozenset({"15"}), "too_long"),
    (frozenset({"DUPLICATE_DATA", "1001", "3062", "120"}), "duplicate"), (frozenset({"1002"}), "gone"),
    (frozenset({"RECORD_LOCKED", "RECORD_IN_BLUEPRINT", "NOT_APPROVED"}), "locked"),
)  # fmt: skip
BY_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), slug)
    for pattern, slug in (
        (r"has no currency", "currency"),
        (r"less than \d+ characters|at most \d+ characters|too long|longer than", "too_long"),
        (r"no field .* any more|no longer mapped", "rules"),
        (r"not mapped yet|has no counterpart|no counterpart", "unmapped"),
        (r"required|mandatory|must not be empty|is missing", "missing"),
        (r"already exists|already holds|another item of this name|duplicate|must be unique|two books customers",
         "duplicate"),
        (r"no longer in|does not exist|no such record|not linked .*any more", "gone"),
        (r"is inactive", "inactive"),
        (r"is locked|approval", "locked"),
        (r"may not do this|not authori[sz]ed|permission", "permission"),
        (r"invalid|not a |is no |doesn't fit|can't be", "invalid"),
    )
)  # fmt: skip


def cause_of(outcome: str, code: str, sentence: str) -> str:
    """The slug of the cause of a write that ended `refused`, `moved` or `held`."""
    if outcome == "moved":
        return "gone" if "no longer" in sentence else "moved"
    if outcome == "held":
        return "lost" if "lost" in sentence or "don't know yet" in sentence else "waits"
    said = NAMES_IN_IT.sub("", sentence)
    if code in UNSAYING and OF_TAX.search(said):
        return "tax"
    by_code = next((slug for codes, slug in BY_CODE if code in codes), None)
    return by_code or next((slug for pattern, slug in BY_WORDS if pattern.search(said)), "other")


def worded(text: str, side: str) -> str:
    """A title or fix with its two sides named."""
    here = Side(side)
    return text.format(side=NAMES[here], other=NAMES[Side.BOOKS if here is Side.CRM else Side.CRM])
