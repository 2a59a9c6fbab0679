"""One canonical text of a record, and its digest: a bumped timestamp alone changes neither."""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

# Stamps that move without a change of substance (vdirsyncer's lesson: compare contents, not times).
STAMPS = frozenset({"Modified_Time", "last_modified_time", "Modified_By", "updated_time", "Last_Activity_Time"})


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        whole = value.normalize()
        return format(whole, "f")
    raise TypeError(f"{type(value).__name__} has no canonical form.")


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, Decimals as plain decimal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def digest(fields: Mapping[str, Any]) -> str:
    """32 hex digits of the canonical text, stamps left out."""
    kept = {name: value for name, value in fields.items() if name not in STAMPS}
    return blake2b(canonical_json(kept).encode(), digest_size=16).hexdigest()


def text_digest(text: str) -> str:
    """64 hex digits of a text, for frozen copies."""
    return blake2b(text.encode(), digest_size=32).hexdigest()
