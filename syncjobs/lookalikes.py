"""From rows of the mirror to what the matcher compares, and the customers that a party may be. No call to Zoho."""

import json
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Connection
from syncjobs import columns
from syncjobs.domain.matching import Thresholds
from syncjobs.domain.matching.traits import mailbox
from syncjobs.domain.records import Address, PartyFacts
from syncjobs.models import Record

# So many that share a key are compared, and so many whose names begin alike.
MOST, MOST_NAMES = 50, 100
BEGINNING = 4


def thresholds_of(connection: Connection) -> Thresholds:
    """From which score two are alike, as the connection's settings say."""
    return Thresholds(certain=connection.match_certain / 100, likely=connection.match_likely / 100)


def facts_of(
    record: Record, people: Iterable[Record] = (), *, currency: str = "", emails: Iterable[str] = ()
) -> PartyFacts:
    """A party with its address and the keys of all its people; `emails` are further ones."""
    all_ = (record, *people)
    return PartyFacts(
        id=record.remote_id,
        name=record.name,
        name_key=record.name_key,
        emails=_keys([*(one.email_key for one in all_), *emails]),
        phones=_keys(one.phone_key for one in all_),
        tax_keys=_keys([record.tax_key]),
        domains=_keys(one.domain_key for one in all_),
        currency=currency or record.currency,
        active=record.active,
        is_vendor=record.is_vendor,
        people=tuple(sorted({one.name for one in people if one.name})),
        **address_of(record.kind, record.detail if record.kind == Record.Kind.CUSTOMER else record.raw),
    )


def address_of(kind: str, told: str) -> Address:
    """Street, city and zip from what was last read of a party; a Books customer's are in its detail alone."""
    return columns.address(kind, json.loads(told) if told else {})


def lookalikes(connection: Connection, facts: PartyFacts) -> list[PartyFacts]:
    """Customers that share a key with the party, or whose person does, or whose name begins alike.

    Two queries, equality and ranges on indexed columns only.
    """
    rows = Record.objects.filter(connection=connection, kind="customer", gone_at=None)
    found = {row.pk: row for row in rows.filter(_sharing(connection, facts))[:MOST]}
    if facts.name_key:
        start = facts.name_key.replace(" ", "")[:BEGINNING]
        begins = Q(name_key__gte=start, name_key__lt=start + chr(0x10FFFF))
        found |= {row.pk: row for row in rows.filter(begins).order_by("name_key", "pk")[:MOST_NAMES]}
    mails = _mails_of_people(connection, [row.remote_id for row in found.values()], facts.emails)
    return [facts_of(row, emails=mails[row.remote_id]) for row in found.values()]


def _sharing(connection: Connection, facts: PartyFacts) -> Q:
    emails = facts.emails | {mailbox(one) for one in facts.emails}
    people = Record.objects.filter(connection=connection, kind="person", gone_at=None, email_key__in=emails)
    alike = Q(email_key__in=emails) | Q(phone_key__in=facts.phones) | Q(tax_key__in=facts.tax_keys)
    alike |= Q(domain_key__in=facts.domains)
    if facts.emails:
        alike |= Q(remote_id__in=people.values("parent_id"))
    return alike | Q(name_key=facts.name_key) if facts.name_key else alike


def _mails_of_people(connection: Connection, ids: list[str], emails: frozenset[str]) -> dict[str, list[str]]:
    """Of the customers' persons those addresses that are sought; all others say nothing."""
    found: dict[str, list[str]] = defaultdict(list)
    if emails and ids:
        people = Record.objects.filter(connection=connection, kind="person", gone_at=None, parent_id__in=ids)
        for customer, email in people.filter(email_key__in=emails).values_list("parent_id", "email_key"):
            found[customer].append(email)
    return found


def _keys(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values) - {""}
