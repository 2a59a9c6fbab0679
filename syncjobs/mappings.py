"""A mapping as rows and as the pure rules take it; the suggested one; and the frozen copy that a plan points to."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from accounts import audit
from accounts.models import Connection, User
from syncjobs.default_mapping import Suggested, is_guarded, suggested
from syncjobs.domain.digesting import canonical_json, text_digest
from syncjobs.domain.mapping import JOIN, PRIMARY, Direction, FieldMap, Gap, gaps
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import CONTACTS, pair_read_by
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import make
from syncjobs.live_fields import Known, known_fields
from syncjobs.models import Checkpoint, MappedField, Mapping, Rules
from zbridge.clock import Clock

TWINS = {"customer": "person", "person": "customer"}


class Refused(Exception):
    """It can't be set so; the sentence says why, and nothing was changed."""


def mapping_of(connection: Connection, pair: str, clock: Clock) -> Mapping:
    """The mapping of a pair; on first use the suggested one, switched off."""
    found = Mapping.objects.filter(connection=connection, pair=pair).first()
    return found or suggest(connection, pair, None, clock)


def suggest(connection: Connection, pair: str, user: User | None, clock: Clock) -> Mapping:
    """The suggested mapping in place of the one there is; switched off until somebody switches it on."""
    with transaction.atomic():
        mapping, _ = Mapping.objects.get_or_create(
            connection=connection, pair=pair, defaults={"changed_at": clock.now(), "version": 0}
        )
        for old in mapping.lines.all():
            old.delete()
        for position, line in enumerate(_working(suggested(pair, connection.parties), *known_fields(connection, pair))):
            MappedField.objects.create(mapping=mapping, position=position, **_columns(line))
        mapping.two_way, mapping.owner = False, ""
        touch(mapping, user, "The suggested mapping was taken.", clock)
    return mapping


def _working(lines: tuple[Suggested, ...], crm: Known, books: Known) -> list[Suggested]:
    """The lines whose fields both systems have; all of them while nobody has asked what fields there are."""
    return [line for line in lines if not crm or line.crm in crm and line.books in books]


def _columns(line: Suggested) -> dict[str, object]:
    return line._asdict() | {"owner": line.owner.value, "direction": line.direction.value}


def suggest_anew(sender: object, connection: Connection, user: User | None, clock: Clock, **_: object) -> None:
    """Others are the customers now: the suggested mapping is theirs, and nothing is written until it is switched on."""
    for mapping in Mapping.objects.filter(connection=connection, pair__in=["customer", "person"]):
        suggest(connection, mapping.pair, user, clock)


def touch(mapping: Mapping, user: User | None, said: str, clock: Clock) -> None:
    """A new version, with its audit event; call within the transaction that changed it."""
    mapping.version += 1
    mapping.changed_at = clock.now()
    mapping.save()
    # Fields that were not asked for until now are on no row that was read before.
    Checkpoint.objects.filter(connection=mapping.connection, kind=mapping.kinds[0]).update(watermark=None)
    subject = ("mapping", str(mapping.pk))
    detail: dict[str, object] = {"pair": mapping.pair, "version": mapping.version}
    audit.record(user, "map", said, connection=mapping.connection, subject=subject, detail=detail, clock=clock)


def switch(mapping: Mapping, user: User, clock: Clock, *, on: bool) -> None:
    """Switch the pair's sync on or off; raises Refused with the gaps while a mapped field has no owner (S52)."""
    missing = gaps_of(mapping)
    if on and missing:
        named = " ".join(gap.sentence for gap in missing)
        count = "1 thing is" if len(missing) == 1 else f"{len(missing)} things are"
        raise Refused(f"Two-way sync stays off: {count} missing. {named}")
    with transaction.atomic():
        mapping.two_way = on
        touch(mapping, user, f"{mapping.get_pair_display()}: sync switched {'on' if on else 'off'}.", clock)


def gaps_of(mapping: Mapping) -> tuple[Gap, ...]:
    """What the mapping lacks, and what another mapping writes to already."""
    if mapping.pair == "person" and mapping.connection.parties == CONTACTS:
        return (Gap("person", "Contacts are the customers here: they have no persons of their own."),)
    return gaps(fields_of(mapping)) + tuple(_written_twice(mapping))


def _written_twice(mapping: Mapping) -> Iterator[Gap]:
    """Fields of primary persons that the customers' mapping and the persons' both write to, of the two switched on."""
    other = Mapping.objects.filter(
        connection=mapping.connection, pair=TWINS.get(mapping.pair, ""), two_way=True
    ).first()
    theirs = _of_primary(fields_of(other)) if other else {}
    for path, label in _of_primary(fields_of(mapping)).items():
        if path in theirs:
            yield Gap(path, f"{label} of a primary person is written by “{other}” already: keep one of the two lines.")


def _of_primary(fields: Sequence[FieldMap]) -> dict[str, str]:
    """Fields of a primary person that the lines write to in Books, each with its label."""
    written = [one for one in fields if one.direction.may_write(Side.BOOKS)]
    is_customers = any(one.books.startswith(PRIMARY) for one in written)
    mine = [one for one in written if one.books.startswith(PRIMARY) or not is_customers]
    return {one.books.removeprefix(PRIMARY): one.label for one in mine}


def fields_of(mapping: Mapping) -> tuple[FieldMap, ...]:
    """The lines as the pure rules take them; a line's owner, else the kind's."""
    return tuple(_field(line, mapping.owner) for line in mapping.lines.all())


def _field(line: MappedField, kind_owner: str) -> FieldMap:
    owner = line.owner or kind_owner
    return FieldMap(
        name=line.name, label=line.label, crm=line.crm, books=line.books,
        transform=make(line.transform, line.settings), direction=Direction(line.direction),
        owner=Owner(owner) if owner else None, blank_erases=line.blank_erases, set_back=line.set_back,
        guarded=is_guarded(line.name, line.crm, line.books),
    )  # fmt: skip


def freeze(mapping: Mapping, fields: Sequence[FieldMap]) -> Rules:
    """The one frozen copy of the rules in force."""
    rows = [
        {"name": one.name, "label": one.label, "read_as": one.transform.label, "crm": one.crm, "books": one.books,
         "transform": repr(one.transform), "direction": one.direction, "owner": one.owner,
         "blank_erases": one.blank_erases, "set_back": one.set_back}
        for one in fields
    ]  # fmt: skip
    text = canonical_json({"pair": mapping.pair, "version": mapping.version, "fields": rows})
    return Rules.objects.get_or_create(digest=text_digest(text), defaults={"text": text})[0]


def mapped_crm_fields(connection: Connection, kind: str) -> list[str]:
    """API names of the CRM fields that the mapping of this CRM kind reads, each once."""
    pairs = pair_read_by(kind, connection.parties)
    paths = MappedField.objects.filter(mapping__connection=connection, mapping__pair__in=pairs).values_list(
        "crm", flat=True
    )
    return sorted({part.split(".")[0] for path in paths for part in path.split(JOIN)})
