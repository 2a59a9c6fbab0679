"""Keeps secrets and addresses of people out of log lines, whoever wrote them: what is found becomes ***."""

import logging
import re

MASK = "***"
SECRETS = (
    re.compile(r"(Zoho-oauthtoken\s+|Bearer\s+)[^\s'\",}]+", re.IGNORECASE),
    re.compile(
        r"((?:access_token|refresh_token|client_secret|(?<![a-z_])code|(?<![a-z_])token)['\"]?\s*[=:]\s*['\"]?)"
        r"(?=[^\s'\"&,}]*[.\-][^\s'\"&,}]|[^\s'\"&,}]{20})[^\s'\"&,}]+",
        re.IGNORECASE,
    ),
    re.compile(r"(/hooks/[a-z]+/)[^\s/?'\"]+"),
    re.compile(r"()\b1000\.[A-Za-z0-9]{4,}(?:\.[A-Za-z0-9]{4,})+"),
)
EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")
# Line breaks would forge a line, escape sequences would paint or hide one (reliability 8, 17).
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\\n", 13: "\\r", 9: "\\t"}
FORMATTER = logging.Formatter()


def mask(text: str) -> str:
    """The text with every secret that is known by its shape or its name masked, and every e-mail address."""
    for secret in SECRETS:
        text = secret.sub(rf"\g<1>{MASK}", text)
    return EMAIL.sub(MASK, text)


class Redacted(logging.Filter):
    """Masks the line with its arguments and its traceback; control characters of foreign text are spelt out."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask(record.getMessage()).translate(CONTROLS)
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True
