"""*Who is who*: what of each side is linked, what waits for a person and with whom; counted by workers."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from syncjobs.domain.standing import Candidate, Known, candidates, counted, sure, with_likely
from syncjobs.lookalikes import thresholds_of
from syncjobs.models import Link, Mapping, Record
from syncjobs.services import link_records
from zbridge.clock import Clock

# A look at all records of both sides; new ones show with the next.
EVERY = timedelta(hours=1)
MOST = 200
# Of more unlinked ones only those that share a value are shown; `manage.py match` compares larger lists.
MOST_COMPARED = 20_000
KEYS = {"email": "email_key", "code": "code_key", "tax": "tax_key", "name": "name_key", "phone": "phone_key"}


def survey_when_old(mapping: Mapping, clock: Clock, *, anew: bool = False) -> None:
    """Count anew when it was asked for, or when the last count is an hour old."""
    at = mapping.survey.get("at")
    if anew or at is None or clock.now() - datetime.fromisoformat(at) >= EVERY:
        survey(mapping, clock)


def survey(mapping: Mapping, clock: Clock) -> None:
    """Count both sides and keep what a person could decide, the likeliest two hundred."""
    here, there = (_unlinked(mapping, number) for number in (0, 1))
    found = candidates(here, there)
    if max(len(here), len(there)) <= MOST_COMPARED:
        found = with_likely(found, here, there, thresholds_of(mapping.connection).and_possible())
    crm_ids, books_ids = {one.crm_id for one in found}, {one.books_id for one in found}
    mapping.survey = {
        "at": clock.now().isoformat(),
        "crm": asdict(counted(_known(mapping, 0), len(here), len(crm_ids))),
        "books": asdict(counted(_known(mapping, 1), len(there), len(books_ids))),
        "candidates": [[one.crm_id, one.books_id, list(one.reasons), one.score] for one in found[:MOST]],
    }
    Mapping.objects.filter(pk=mapping.pk).update(survey=mapping.survey)


def _all(mapping: Mapping, number: int) -> "QuerySet[Record]":
    return Record.objects.filter(connection=mapping.connection, kind=mapping.kinds[number], gone_at=None)


def _linked_ids(mapping: Mapping, number: int) -> Any:
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair, crm_kind=mapping.kinds[0])
    return links.values("crm_id" if number == 0 else "books_id")


def _known(mapping: Mapping, number: int) -> dict[str, int]:
    rows = _all(mapping, number)
    linked = rows.filter(remote_id__in=_linked_ids(mapping, number))
    out = rows.filter(Q(active=False) | Q(is_vendor=True)).exclude(remote_id__in=_linked_ids(mapping, number))
    return {"linked": linked.count(), "left_out": out.count()}


def _unlinked(mapping: Mapping, number: int) -> list[Known]:
    """Active records without a link; an account's e-mails are those of its contacts."""
    rows = _all(mapping, number).filter(active=True, is_vendor=False)
    rows = rows.exclude(remote_id__in=_linked_ids(mapping, number))
    more = _mails_of_accounts(mapping) if mapping.kinds[number] == "account" else {}
    return [
        Known(identity, frozenset((name, key) for name, key in zip(KEYS, keys, strict=True) if key)
              | frozenset(("email", mail) for mail in more.get(identity, ())))
        for identity, *keys in rows.values_list("remote_id", *KEYS.values()).iterator(2000)
    ]  # fmt: skip


def _mails_of_accounts(mapping: Mapping) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = Record.objects.filter(connection=mapping.connection, kind="contact", gone_at=None).exclude(email_key="")
    for account, mail in rows.exclude(parent_id="").values_list("parent_id", "email_key").iterator(2000):
        found[account].add(mail)
    return found


def shown(mapping: Mapping) -> dict[str, Any]:
    """A pair's numbers, and the candidates that are still unlinked, with both names."""
    kept = [
        Candidate(crm_id, books_id, tuple(why), *score)
        for crm_id, books_id, why, *score in mapping.survey.get("candidates", ())
    ]
    taken = Link.objects.filter(connection=mapping.connection, pair=mapping.pair)
    crm_taken = set(taken.filter(crm_id__in=[one.crm_id for one in kept]).values_list("crm_id", flat=True))
    books_taken = set(taken.filter(books_id__in=[one.books_id for one in kept]).values_list("books_id", flat=True))
    free = [one for one in kept if one.crm_id not in crm_taken and one.books_id not in books_taken]
    here = {row.remote_id: row for row in _all(mapping, 0).filter(remote_id__in=[one.crm_id for one in free])}
    there = {row.remote_id: row for row in _all(mapping, 1).filter(remote_id__in=[one.books_id for one in free])}
    pairs = [
        (here[one.crm_id], there[one.books_id], _said(one))
        for one in free if one.crm_id in here and one.books_id in there
    ]  # fmt: skip
    alone = {(one.crm_id, one.books_id) for one in sure(kept)}
    at = mapping.survey.get("at")
    sums = {f"{side}_all": sum(mapping.survey[side].values()) for side in ("crm", "books") if side in mapping.survey}
    return sums | {
        "mapping": mapping, "crm": mapping.survey.get("crm"), "books": mapping.survey.get("books"), "pairs": pairs,
        "sure": [(here, there) for here, there, _ in pairs if (here.remote_id, there.remote_id) in alone],
        "at": datetime.fromisoformat(at) if at else None,
    }  # fmt: skip


def _said(one: Candidate) -> str:
    """Why they may be the same, and how likely."""
    why = ", ".join(one.reasons)
    return why if one.score is None else f"{why} (score {one.score:.2f})"


def link_chosen(mapping: Mapping, chosen: list[tuple[str, str]], user: User, clock: Clock) -> tuple[int, list[str]]:
    """Link the pairs that a person chose; how many were linked, and a sentence for each that could not be."""
    linked, said = 0, []
    for crm_id, books_id in chosen:
        here = _all(mapping, 0).filter(remote_id=crm_id).first()
        there = _all(mapping, 1).filter(remote_id=books_id).first()
        if here is None or there is None:
            said.append("A record is no longer there; nothing was linked for it.")
            continue
        why = "Chosen in Who is who."
        try:
            link_records(mapping.connection, here, there, how="person", reason=why, user=user, clock=clock)
            linked += 1
        except ValueError as clash:
            said.append(str(clash))
    return linked, said
