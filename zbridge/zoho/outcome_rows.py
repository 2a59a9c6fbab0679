"""The rows of the judgement: one per known case, first match wins, the evidence beside it. Nothing else is certain."""

from dataclasses import dataclass

from zbridge.zoho import errors
from zbridge.zoho.errors import Cause, System, ZohoError

ANY: frozenset[str] = frozenset({"*"})
ROW_RESULTS = "ROWS"
BOTH: tuple[System, ...] = ("crm", "books")


@dataclass(frozen=True)
class Row:
    """One known case; `error` None means done. `needs_body`: only when the body could be read."""

    systems: tuple[System, ...]
    statuses: frozenset[int]
    codes: frozenset[str]
    error: type[ZohoError] | None
    evidence: str
    pattern: str | None = None
    needs_body: bool = True
    renews: bool = False
    cause: Cause | None = None
    retry_after: float | None = None


def _set(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _on(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


CRM_REFUSALS = _set(
    "INVALID_DATA", "INVALID_MODULE", "REQUIRED_PARAM_MISSING", "EXPECTED_PARAM_MISSING", "MANDATORY_NOT_FOUND",
    "LIMIT_EXCEEDED", "LIMIT_REACHED", "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "PAGINATION_LIMIT_EXCEEDED",
    "TOKEN_BOUND_DATA_MISMATCH", "EXPIRED_VALUE", "PATTERN_NOT_MATCHED", "AMBIGUITY_DURING_PROCESSING",
    "UNABLE_TO_PARSE_DATA_TYPE", "CANNOT_PROCESS", "INVALID_REQUEST_METHOD", "API_NOT_SUPPORTED", "INVALID_HOST",
    "MULTIPLE_OR_MULTI_ERRORS", "DEPENDENT_FIELD_MISSING", "DEPENDENT_MISMATCH", "EXPECTED_FIELD_MISSING",
    "SYNTAX_ERROR", "INVALID_QUERY", "INVALID_ALIAS", "CRITERIA_LIMIT_EXCEEDED", "NOT_SUPPORTED", "NOT_SUBSCRIBED",
    "RESERVED_KEYWORD_NOT_ALLOWED", "FEATURE_NOT_SUPPORTED",
)  # fmt: skip
BOOKS_REFUSALS = _set("2", "4", "5", "9", "11", "15", "36", "37", "101007")
CRM_ROW_REFUSALS = _on(200, 201, 202, 207, 400)

OAUTH_ROWS = (
    Row(("oauth",), _on(200), _set(""), None, "facts CRM 1.3: success has an access token"),
    Row(
        ("oauth",), _on(200, 400, 401), _set("invalid_code", "invalid_client", "invalid_client_secret"),
        errors.ReconnectNeeded, "facts CRM 1.4, also with status 200",
    ),
    Row(
        ("oauth",), _on(200, 400), _set("invalid_redirect_uri", "invalid_scope", "access_denied"),
        errors.Rejected, "facts CRM 1.4: the registration of the client is wrong",
    ),
    Row(
        ("oauth",), _on(200, 400, 429), _set("Access Denied"), errors.RateLimited,
        "facts CRM 1.4: throttle, clears after 10-30 min; F11", cause="throttle", retry_after=600.0,
    ),
    Row(
        ("oauth",), _on(429), ANY, errors.RateLimited, "any 429 is a stop signal",
        needs_body=False, cause="throttle", retry_after=600.0,
    ),
    Row(("oauth",), _on(200, 400, 500), _set("general_error"), errors.Unavailable, "facts CRM 1.4", retry_after=60.0),
)  # fmt: skip

CRM_ROWS = (
    Row(("crm",), _on(200, 201, 202, 207, 400, 412), _set(ROW_RESULTS), None, "facts CRM 2.3: each row has an end"),
    Row(("crm",), _on(200, 201), _set("", "SUCCESS"), None, "facts CRM 2.1-2.3"),
    Row(("crm",), _on(204, 304), ANY, None, "facts CRM 6: nothing found, nothing since; no body", needs_body=False),
    Row(("crm",), _on(400, 412, *CRM_ROW_REFUSALS), _set("DUPLICATE_DATA"), errors.Duplicate, "facts CRM 2.3"),
    Row(
        ("crm",), _on(400, 403, *CRM_ROW_REFUSALS), _set("RECORD_LOCKED", "RECORD_IN_BLUEPRINT", "NOT_APPROVED"),
        errors.Locked, "facts CRM 6: later",
    ),
    Row(
        ("crm",), _on(412, *CRM_ROW_REFUSALS), _set("ALREADY_MODIFIED", "RECORD_MODIFIED"),
        errors.AlreadyModified, "facts CRM 2.4, 9",
    ),
    Row(
        ("crm",), _on(401, 403), _set("OAUTH_SCOPE_MISMATCH"), errors.ScopeMissing,
        "facts CRM 6: re-consent, never retry",
    ),
    Row(
        ("crm",), _on(400, 403), _set(
            "CURRENCIES_NOT_ENABLED", "FEATURE_NOT_ENABLED", "FEATURE_NOT_SUPPORTED", "TERRITORY_NOT_ENABLED",
            "NOT_SUPPORTED",
        ), errors.Rejected, "facts CRM 6: the edition, or a feature that is off",
    ),
    Row(
        ("crm",), _on(400, 401, 403, *CRM_ROW_REFUSALS), _set("NO_PERMISSION", "AUTHORIZATION_FAILED"),
        errors.ScopeMissing, "facts CRM 6: the user lacks the right",
    ),
    Row(("crm",), CRM_ROW_REFUSALS, CRM_REFUSALS, errors.Rejected, "facts CRM 2.3, 2.9, 6"),
    Row(
        ("crm",), _on(429), ANY, errors.RateLimited, "facts CRM 5: day and concurrency look the same",
        needs_body=False, cause="concurrency", retry_after=10.0,
    ),
)  # fmt: skip

BOOKS_ROWS = (
    Row(("books",), _on(200, 201), _set("0"), None, "facts Books 1.4"),
    Row(
        ("books",), _on(400, 409), ANY, errors.Duplicate, "facts Books 6.2: the code of a unique field isn't known",
        pattern=r"already exists|duplicate|already in use|must be unique",
    ),
    Row(("books",), _on(400), _set("1001", "3062", "120"), errors.Duplicate, "facts Books 9; simulator-defaults"),
    Row(("books",), _on(200, 400, 404), _set("1002"), errors.NotFound, "facts Books 9"),
    Row(("books",), _on(400, 405), BOOKS_REFUSALS, errors.Rejected, "facts Books 9: a named parameter is invalid"),
    Row(("books",), _on(400, 403, 404), _set("6018", "6041"), errors.ScopeMissing, "facts Books 9: not in that org"),
    Row(("books",), _on(401), _set("6018", "6041"), errors.ScopeMissing, "facts Books 9, status contested"),
    Row(
        ("books",), _on(401), _set("57"), errors.ScopeMissing, "facts Books 9: dead token or no right; refresh once",
        renews=True,
    ),
    Row(
        ("books",), _on(429), _set("45"), errors.RateLimited, "facts Books 2: the day's calls are spent", cause="day",
    ),
    Row(
        ("books",), _on(429), _set("1070"), errors.RateLimited, "facts Books 2: too many at once",
        cause="concurrency", retry_after=3.0,
    ),
    Row(
        ("books",), _on(429), ANY, errors.RateLimited, "facts Books 2: 44, 43 and any other 429 stop us for a minute",
        needs_body=False, cause="minute", retry_after=60.0,
    ),
)  # fmt: skip

SHARED_ROWS = (
    Row(
        BOTH, _on(401), ANY, errors.ReconnectNeeded, "CRM INVALID_TOKEN, Books 14: refresh once, then reconnect",
        needs_body=False, renews=True,
    ),
    Row(BOTH, _on(403), ANY, errors.ScopeMissing, "reliability 4.5: 403 surely did nothing", needs_body=False),
    Row(
        BOTH, _on(404), _set("", "5", "INVALID_URL_PATTERN"), errors.Rejected,
        "facts CRM 6, Books 9: a wrong address is no proof that a record is gone",
    ),
    Row(BOTH, _on(404), ANY, errors.NotFound, "facts Books 7.6, CRM 2.2: Zoho itself says it is not there"),
    Row(BOTH, _on(404), ANY, errors.Rejected, "a gateway's page is no proof that a record is gone", needs_body=False),
    Row(BOTH, _on(405, 413, 415), ANY, errors.Rejected, "facts CRM 6: not accepted for processing", needs_body=False),
)  # fmt: skip

ROWS: tuple[Row, ...] = (*OAUTH_ROWS, *CRM_ROWS, *BOOKS_ROWS, *SHARED_ROWS)
