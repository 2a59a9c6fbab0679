"""What would break the promise that each billing claim has at most one live invoice and none is lost: pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# A conversion that nothing holds is worked within minutes; one that lies this long was forgotten.
STUCK_AFTER = timedelta(hours=2)
OURS = "ZB-"


@dataclass(frozen=True)
class ReadInvoice:
    """An invoice as Books lists it; `key` is empty where it carries none of ours."""

    id: str
    number: str
    status: str
    key: str

    @property
    def is_live(self) -> bool:
        """Whether it bills somebody."""
        return self.status != "void"


@dataclass(frozen=True)
class Claimed:
    """A conversion. `explained`: what became of its invoice is noted already. `by_hand`: attached, never sent."""

    id: str
    key: str
    state: str
    invoice_id: str
    invoice_number: str
    payload_hash: str
    explained: bool
    by_hand: bool
    prepared_at: datetime | None
    waits_since: datetime | None


@dataclass(frozen=True)
class Sent:
    """One POST of an invoice, written down before it was made."""

    key: str
    payload_hash: str
    at: datetime


@dataclass(frozen=True)
class Violation:
    """What contradicts the promise, under which key, in words."""

    kind: str
    key: str
    detail: str


def violations(
    invoices: Sequence[ReadInvoice], claims: Sequence[Claimed], sent: Sequence[Sent], now: datetime
) -> tuple[Violation, ...]:
    """Everything that is wrong between both sides; empty is the proof."""
    live = [row for row in invoices if row.is_live]
    found = [
        *_doubled(live), *_orphans(live, claims), *_lost(live, claims), *_without_intent(live, claims, sent),
        *_other_payload(claims, sent), *_stuck(claims, now),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.kind, one.key, one.detail)))


def unseen(invoices: Iterable[ReadInvoice], claims: Iterable[Claimed]) -> list[str]:
    """Ids of drafts that the list lacks: absence from a list proves nothing, so each is asked for."""
    ids = {row.id for row in invoices}
    return [row.invoice_id for row in claims if _has_draft(row) and not row.explained and row.invoice_id not in ids]


def _has_draft(claim: Claimed) -> bool:
    return claim.state in ("drafted", "done")


def _doubled(live: Sequence[ReadInvoice]) -> Iterator[Violation]:
    by_key: dict[str, list[ReadInvoice]] = defaultdict(list)
    for row in live:
        if row.key.startswith(OURS):
            by_key[row.key].append(row)
    for key, rows in by_key.items():
        if len(rows) > 1:
            numbers = ", ".join(row.number for row in rows)
            yield Violation("doubled", key, f"Live invoices {numbers} carry one key.")


def _orphans(live: Sequence[ReadInvoice], claims: Sequence[Claimed]) -> Iterator[Violation]:
    known = {row.key for row in claims}
    for row in live:
        if row.key.startswith(OURS) and row.key not in known:
            yield Violation("orphan", row.key, f"Invoice {row.number} carries a key that no conversion here has.")


def _lost(live: Sequence[ReadInvoice], claims: Sequence[Claimed]) -> Iterator[Violation]:
    ids = {row.id for row in live}
    for claim in claims:
        if _has_draft(claim) and not claim.explained and claim.invoice_id not in ids:
            detail = f"Conversion {claim.id} says {claim.invoice_number}, which Books doesn't have."
            yield Violation("lost", claim.key, detail)


def _without_intent(
    live: Sequence[ReadInvoice], claims: Sequence[Claimed], sent: Sequence[Sent]
) -> Iterator[Violation]:
    """An invoice of ours must have been written down before it was sent."""
    written = {row.key for row in sent}
    claimed = {row.key for row in claims if not row.by_hand}
    for row in live:
        if row.key in claimed and row.key not in written:
            yield Violation("no_intent", row.key, f"Invoice {row.number} was made, but no attempt was written down.")


def _other_payload(claims: Sequence[Claimed], sent: Sequence[Sent]) -> Iterator[Violation]:
    """What was posted must be what was frozen."""
    frozen = {row.key: row for row in claims if row.prepared_at is not None}
    for post in sent:
        claim = frozen.get(post.key)
        if claim is None or claim.prepared_at is None or post.at < claim.prepared_at:
            continue
        if post.payload_hash != claim.payload_hash:
            yield Violation("other_payload", post.key, f"Conversion {claim.id} posted something else than was frozen.")


def _stuck(claims: Sequence[Claimed], now: datetime) -> Iterator[Violation]:
    for claim in claims:
        if claim.waits_since is not None and now - claim.waits_since > STUCK_AFTER:
            detail = f"Conversion {claim.id} has been {claim.state} since {claim.waits_since:%d %b %H:%M} UTC."
            yield Violation("stuck", claim.key, detail)
