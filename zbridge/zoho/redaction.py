"""Keeps secrets out of log lines, whoever wrote them: tokens, codes and client secrets become ***."""

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
    re.compile(r"()\b1000\.[A-Za-z0-9]{4,}(?:\.[A-Za-z0-9]{4,})+"),
)
FORMATTER = logging.Formatter()


def mask(text: str) -> str:
    """The text with every secret that is known by its shape or its name masked."""
    for secret in SECRETS:
        text = secret.sub(rf"\g<1>{MASK}", text)
    return text


class Redacted(logging.Filter):
    """Masks the line with its arguments and its traceback; puts line breaks of foreign text in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask(record.getMessage()).replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True
