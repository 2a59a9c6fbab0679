"""What the page of the self-test shows, from our own tables; nothing here calls Zoho."""

from typing import Any

from accounts.models import Connection, SelfTest, SelfTestStep, User
from accounts.roles import may
from accounts.selftest.catalogue import BY_CODE, NOT_ASKED, QUESTIONS
from accounts.selftest.freshness import changes
from accounts.selftest.report import word
from accounts.selftest.working import OPEN

MOST_PAST = 10
TONES = {"yes": "ok", "no": "amber", "other": "amber", "open": "", "": ""}
NEEDS = {"read": "Reads only", "write": "Makes test records", "person": "Needs a person in Books"}


def page(connection: Connection, user: User, chosen: str) -> dict[str, Any]:
    """One self-test (the newest unless another is chosen), each question with its answer, and the past ones."""
    past = list(connection.self_tests.select_related("requested_by")[:MOST_PAST])
    test = next((row for row in past if str(row.pk) == chosen), past[0] if past else None)
    steps = {step.question: step for step in test.steps.all()} if test else {}
    done = next((row for row in past if row.state == SelfTest.State.DONE), None)
    is_open = test is not None and test.state in OPEN
    return {
        "title": f"Self-test of {connection}", "connection": connection, "test": test, "past": past,
        "said": sentence(test, list(steps.values())) if test else "", "is_open": is_open,
        "rows": [_row(question, steps.get(question.code)) for question in QUESTIONS],
        "not_asked": NOT_ASKED, "may_run": may(user, "connect"), "changed": changes(connection, done),
    }  # fmt: skip


def _row(question: Any, step: SelfTestStep | None) -> dict[str, Any]:
    answer = step.answer if step else ""
    return {
        "question": question, "step": step, "needs": NEEDS[question.needs],
        "answer": word(question.title, answer, step.value) if step else "",
        "tone": TONES[answer],
    }  # fmt: skip


def _word(step: SelfTestStep) -> str:
    return word(BY_CODE[step.question].title, step.answer, step.value)


def progress(test: SelfTest) -> dict[str, Any]:
    """How far it is, with the answers so far."""
    steps = list(test.steps.all())
    return {
        "state": test.state, "moving": test.state == SelfTest.State.WAITING, "sentence": sentence(test, steps),
        "answers": {step.question: [_word(step), step.sentence] for step in steps if step.answer},
    }  # fmt: skip


def sentence(test: SelfTest, steps: list[SelfTestStep]) -> str:
    """How far it is and what it waits for, in words."""
    asked = sum(1 for step in steps if step.state == SelfTestStep.State.ASKED)
    due = sum(1 for step in steps if step.state != SelfTestStep.State.SKIPPED)
    if test.state == SelfTest.State.DONE:
        return f"Done: {asked} questions asked, {sum(1 for step in steps if step.answer == 'open')} could not be told."
    if test.state == SelfTest.State.STOPPED:
        return f"Stopped by a person after {asked} of {due} questions; the answers stand."
    if test.state == SelfTest.State.PERSON:
        return f"{asked} of {due} questions are asked; the rest needs a person in Books. {test.hold}".strip()
    waits = f" Waiting, nothing is lost: {test.hold}" if test.hold else ""
    return f"Under way: {asked} of {due} questions asked.{waits}"
