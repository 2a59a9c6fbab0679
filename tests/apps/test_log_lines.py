"""Log lines for machines."""

import json
import logging

from zbridge.site.log_lines import JsonLines
from zbridge.zoho.redaction import Redacted


def test_a_line_is_one_json_object_without_secrets_and_with_its_traceback() -> None:
    try:
        raise ValueError("refused 1000.8f2c6e51aa01.77fe12cafe")
    except ValueError as trouble:
        info = (ValueError, trouble, trouble.__traceback__)
    record = logging.LogRecord("zoho", logging.ERROR, "f.py", 1, "deal %s of a@b.example", ("x\nFAKE",), info)
    Redacted().filter(record)
    line = JsonLines().format(record)
    found = json.loads(line)
    assert "\n" not in line and "77fe12cafe" not in line
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "zoho", r"deal x\nFAKE of ***")
    assert "ValueError" in found["exception"] and found["time"].endswith("+00:00")
