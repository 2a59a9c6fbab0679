"""Log lines without secrets."""

import logging

import pytest

from zbridge.zoho.redaction import Redacted, mask

TOKEN = "1000.8f2c6e51aa01deadbeef.77fe12cafe77fe12"


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Zoho-oauthtoken {TOKEN}",
        f"GET /cb?state=x&code={TOKEN}&location=eu",
        f"'refresh_token': '{TOKEN}'",
        f'{{"access_token":"{TOKEN}"}}',
        f"plain {TOKEN} in the text",
        f"token={TOKEN}",
    ],
)
def test_a_token_is_masked_wherever_it_stands(line: str) -> None:
    assert TOKEN not in mask(line)
    assert "***" in mask(line)


def test_a_client_secret_is_masked_by_its_name() -> None:
    assert "c0ffee" not in mask("client_secret=c0ffeec0ffeec0ffeec0ffee&grant_type=refresh_token")


def test_zohos_error_codes_stay_readable() -> None:
    assert mask("books answered code=3062, code: 57") == "books answered code=3062, code: 57"


def test_a_traceback_is_masked_and_foreign_line_breaks_stay_in_one_line() -> None:
    try:
        raise ValueError(f"refused {TOKEN}")
    except ValueError as trouble:
        info = (ValueError, trouble, trouble.__traceback__)
    record = logging.LogRecord("zoho", logging.ERROR, "f.py", 1, "deal %s failed", ("a\nFAKE line",), info)
    Redacted().filter(record)
    assert TOKEN not in str(record.exc_text)
    assert record.getMessage() == "deal a\\nFAKE line failed"


def test_an_address_of_a_person_is_masked() -> None:
    assert mask("mail to ada.l+x@sales.lumen.example failed") == "mail to *** failed"


def test_escape_sequences_of_foreign_text_are_spelt_out() -> None:
    record = logging.LogRecord("zoho", logging.ERROR, "f.py", 1, "deal %s", ("\x1b[2K\rfine\x9b",), None)
    Redacted().filter(record)
    assert record.getMessage() == r"deal \x1b[2K\rfine\x9b"
