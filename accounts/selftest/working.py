"""One self-test at work: its steps, worked a turn at a time, held, handed to a person, ended and learnt from."""

import logging
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.clients import Seams
from accounts.models import Connection, SelfTest, SelfTestStep, User
from accounts.selftest import books_refusals
from accounts.selftest.bench import Again, Answer, Bench, PersonFirst, untold
from accounts.selftest.catalogue import BY_CODE, QUESTIONS
from accounts.selftest.freshness import circumstances
from accounts.selftest.learning import learn
from accounts.selftest.masking import evidence
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.errors import OurFault, ReconnectNeeded, Waits, WritesStopped

log = logging.getLogger(__name__)
WORK = "accounts.selftest.tasks.work_self_test"
State, Step = SelfTest.State, SelfTestStep.State
OPEN = (State.WAITING, State.PERSON)
# A turn ends well before the queue's time-out; a lease outlives the longest single question. Seconds.
TURN, SHORT_WAIT = 40.0, 10.0
LEASE, HOLD = timedelta(minutes=3), timedelta(minutes=2)
ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError)
KEPT_CALLS = 12


def start(connection: Connection, user: User | None, writes: bool, clock: Clock) -> SelfTest:
    """Begin a self-test and ring for it; one that is under way is answered as it stands."""
    standing = SelfTest.objects.filter(connection=connection, state__in=OPEN)
    try:
        return standing.first() or _begin(connection, user, writes, clock)
    except IntegrityError:
        # Pressed twice at the same moment.
        return standing.get()


def _begin(connection: Connection, user: User | None, writes: bool, clock: Clock) -> SelfTest:
    with transaction.atomic():
        test = SelfTest.objects.create(
            connection=connection, requested_by=user, requested_at=clock.now(), writes=writes,
            marks={"tag": f"ZST-{secrets.token_hex(4)}"}, circumstances=circumstances(connection),
        )  # fmt: skip
        SelfTestStep.objects.bulk_create(_step(test, number, writes) for number in range(len(QUESTIONS)))
        how = "with test records" if writes else "reading only"
        _note(test, user, "self_test", f"Started a self-test of {connection}, {how}.", clock)
        ring(WORK, test.pk, queue="bulk")
    return test


def _step(test: SelfTest, number: int, writes: bool) -> SelfTestStep:
    question = QUESTIONS[number]
    row = SelfTestStep(self_test=test, number=number + 1, question=question.code)
    if question.needs != "read" and not writes:
        row.state, row.sentence = Step.SKIPPED, "Not asked: test records were not ticked."
    return row


def go_on(test: SelfTest, user: User, clock: Clock) -> None:
    """A person has done what was asked in Zoho."""
    _resume(test, user, "Went on with a self-test after the work in Books.", clock)


def leave_out(test: SelfTest, user: User, clock: Clock) -> None:
    """A person leaves out what would need her hand; the rest stands."""
    waiting = test.steps.filter(state=Step.WAITING)
    codes = [question.code for question in QUESTIONS if question.needs == "person"]
    with transaction.atomic():
        waiting.filter(question__in=codes).update(state=Step.SKIPPED, sentence="Not asked: it was left out.")
        _resume(test, user, "Left out the questions of a self-test that need a person in Books.", clock)


def stop(test: SelfTest, user: User, clock: Clock) -> None:
    """No more questions; the answers so far stand."""
    with transaction.atomic():
        open_tests = SelfTest.objects.filter(pk=test.pk, state__in=OPEN)
        if open_tests.update(state=State.STOPPED, ended_at=clock.now(), hold=""):
            _note(test, user, "self_test_stopped", "Stopped a self-test.", clock)


def _resume(test: SelfTest, user: User, said: str, clock: Clock) -> None:
    with transaction.atomic():
        waiting = SelfTest.objects.filter(pk=test.pk, state=State.PERSON)
        marks = {**test.marks, "person done": True}
        if waiting.update(state=State.WAITING, marks=marks, hold="", hold_until=None):
            _note(test, user, "self_test", said, clock)
            ring(WORK, test.pk, queue="bulk")


def _note(test: SelfTest, user: User | None, verb: str, said: str, clock: Clock) -> None:
    audit.record(
        user, verb, said, connection=test.connection, subject=("self-test", str(test.pk)), clock=clock,
        detail={"writes": test.writes},
    )  # fmt: skip


def due(connection: Connection, clock: Clock) -> list[int]:
    """Self-tests that nobody works on and nothing holds."""
    return list(_free(clock).filter(connection=connection).values_list("pk", flat=True))


def _free(clock: Clock) -> "QuerySet[SelfTest]":
    now = clock.now()
    rows = SelfTest.objects.filter(state=State.WAITING)
    return rows.filter(Q(lease_until=None) | Q(lease_until__lt=now), Q(hold_until=None) | Q(hold_until__lte=now))


def work(test_id: int, seams: Seams) -> SelfTest | None:
    """Work for one turn; None when somebody else does or nothing is due. The caller rings again while it waits."""
    lease = seams.clock.now() + LEASE
    if not _free(seams.clock).filter(pk=test_id).update(lease_until=lease, hold="", hold_until=None):
        return None
    test = SelfTest.objects.select_related("connection", "requested_by").get(pk=test_id)
    began = seams.clock.monotonic()
    while seams.clock.monotonic() - began < TURN and _is_open(test):
        step = test.steps.filter(state=Step.WAITING).first()
        if step is None:
            _end(test, seams)
            break
        if not _asked(test, step, seams):
            break
    SelfTest.objects.filter(pk=test_id, lease_until=lease).update(lease_until=None)
    test.refresh_from_db()
    return test


def _is_open(test: SelfTest) -> bool:
    """A person may have stopped it meanwhile."""
    return SelfTest.objects.filter(pk=test.pk, state=State.WAITING).exists()


def _asked(test: SelfTest, step: SelfTestStep, seams: Seams) -> bool:
    """Ask one question; False when the turn ends here."""
    question, bench = BY_CODE[step.question], Bench(test.connection, test, seams)
    try:
        if question.needs == "person" and not test.marks.get("person done"):
            return _hand_over(test, bench, "")
        _answer(step, bench, question.ask(bench))
    except Again as later:
        _keep_calls(step, bench)
        return _wait(test, later.seconds, seams)
    except PersonFirst as wish:
        return _hand_over(test, bench, str(wish))
    except (Waits, ReconnectNeeded, WritesStopped) as trouble:
        seconds = getattr(trouble, "retry_after", None)
        return _hold(test, trouble.sentence, timedelta(seconds=seconds) if seconds else HOLD, seams)
    except (OurFault, *ODD):
        log.exception("self-test %s stumbled over %s", test.pk, step.question)
        _answer(step, bench, untold("Zoho's answer made no sense to zbridge; the log has the details."))
    return True


def _answer(step: SelfTestStep, bench: Bench, found: Answer) -> None:
    _keep_calls(step, bench)
    step.state, step.answered_at = Step.ASKED, bench.seams.clock.now()
    step.answer, step.value, step.sentence = found.answer, found.value[:200], found.sentence[:400]
    step.save()


def _keep_calls(step: SelfTestStep, bench: Bench) -> None:
    step.crm_calls += bench.tally.take("crm")
    step.books_calls += bench.tally.take("books")
    step.evidence = [*step.evidence, *evidence(bench.seen, bench.connection)][-KEPT_CALLS:]
    step.save()


def _wait(test: SelfTest, seconds: float, seams: Seams) -> bool:
    """A short while is slept, a longer one given back."""
    if seconds <= SHORT_WAIT:
        seams.clock.sleep(seconds)
        return True
    return _hold(test, "", timedelta(seconds=seconds), seams)


def _hold(test: SelfTest, why: str, span: timedelta, seams: Seams) -> bool:
    until = seams.clock.now() + span
    SelfTest.objects.filter(pk=test.pk).update(hold=why[:200], hold_until=until)
    return False


def _hand_over(test: SelfTest, bench: Bench, wish: str) -> bool:
    """Lay out the test records and say what a person shall do with them in Books."""
    bench.mark(instructions=books_refusals.lay_out_for_a_person(bench))
    bench.mark(**{"person done": False})
    SelfTest.objects.filter(pk=test.pk, state=State.WAITING).update(state=State.PERSON, hold=wish[:200])
    return False


def _end(test: SelfTest, seams: Seams) -> None:
    now = seams.clock.now()
    if SelfTest.objects.filter(pk=test.pk, state=State.WAITING).update(state=State.DONE, ended_at=now):
        learn(test, seams.clock)
