"""The report of a self-test, to be sent in: as JSON and as readable text, free of secrets and personal data."""

from typing import Any

from accounts.models import SelfTest, SelfTestStep
from accounts.selftest.catalogue import BY_CODE, NOT_ASKED

WORDS = {"yes": "Yes", "no": "No", "other": "Otherwise", "open": "Could not be told", "": "Not asked"}


def word(title: str, answer: str, value: str) -> str:
    """Yes or no; to a question that asks what, which or how, the value itself."""
    return value if value and title.startswith(("What", "Which", "How")) else WORDS[answer]


def report(test: SelfTest) -> dict[str, Any]:
    """Everything but names: who ran it is told by role, test records are counted."""
    return {
        "report": "zbridge self-test",
        "started": test.requested_at.isoformat(),
        "ended": test.ended_at.isoformat() if test.ended_at else None,
        "state": test.state,
        "by": "RevOps administrator",
        "test_records": test.writes,
        "left_behind": len(test.left),
        **test.circumstances,
        "questions": [_row(step) for step in test.steps.all() if step.question in BY_CODE],
        "not_asked": NOT_ASKED,
    }


def _row(step: SelfTestStep) -> dict[str, Any]:
    question = BY_CODE[step.question]
    return {
        "question": step.question, "title": question.title, "tried": question.tries, "state": step.state,
        "answer": step.answer, "value": step.value, "sentence": step.sentence,
        "calls": {"crm": step.crm_calls, "books": step.books_calls}, "evidence": step.evidence,
        "at": step.answered_at.isoformat() if step.answered_at else None, "used": question.used,
    }  # fmt: skip


def as_text(found: dict[str, Any]) -> str:
    """The same to be read: a head, then each question with its answer and what Zoho said."""
    head = [
        "zbridge self-test", "",
        f"Started {found['started']}, ended {found['ended'] or 'not yet'}; run by a {found['by']}.",
        f"Data centre {found['data_centre']}, Books plan {found['books_plan'] or 'not told'}, "
        f"CRM edition {found['crm_edition'] or 'not told'}, country {found['country'] or 'not told'}.",
        f"Test records {'were' if found['test_records'] else 'were not'} made; {found['left_behind']} to delete.", "",
    ]  # fmt: skip
    rows = [line for row in found["questions"] for line in _lines(row)]
    rest = ["Not asked:", *(f"  {what}: {why}." for what, why in found["not_asked"].items())]
    return "\n".join([*head, *rows, *rest, ""])


def _lines(row: dict[str, Any]) -> list[str]:
    said_so = word(row["title"], row["answer"], row["value"])
    value = f" ({row['value']})" if row["value"] not in ("", said_so) else ""
    said = [
        f"  {one['call']}: {one['status'] or 'no answer'} {one['code']} {one['message']}".rstrip()
        for one in row["evidence"]
    ]
    answer = f"{said_so}{value}. " if row["answer"] else ""
    return [row["title"], f"  {answer}{row['sentence'] or 'Not asked yet.'}", *said, ""]
