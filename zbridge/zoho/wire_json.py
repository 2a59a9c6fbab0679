"""JSON as Zoho speaks it, with money exact in both directions: numbers with a point are Decimals, never floats."""

import json
import re
from decimal import Decimal
from typing import Any

# JSON has no way to hand the standard encoder a ready number: Decimals travel as marked strings and lose the marks.
MARK = "\u0000"
MARKED = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def loads(body: bytes) -> Any:
    """Parse an answer; raises ValueError for anything that isn't JSON, NaN and Infinity included."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def dumps(body: object) -> bytes:
    """Write a request's body; Decimals become plain JSON numbers, digit for digit."""
    text = json.dumps(body, default=_marked, ensure_ascii=True, allow_nan=False)
    return MARKED.sub(r"\1", text).encode()


def _marked(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{MARK}{value:f}{MARK}"
    raise TypeError(f"{type(value).__name__} can't be sent to Zoho")
