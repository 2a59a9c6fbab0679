"""Log lines for machines: one JSON object a line, after the secrets have been masked."""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """`time level logger message pid`, and `exception` where there is one; never more than one line."""

    def format(self, record: logging.LogRecord) -> str:
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if record.exc_text:
            found["exception"] = record.exc_text
        return json.dumps(found, ensure_ascii=False)
