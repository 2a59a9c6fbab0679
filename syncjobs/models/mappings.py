"""Which fields of a pair of kinds belong together and who owns them: rows that people edit, with their history."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Connection
from syncjobs.domain.mapping import Direction
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import kinds_of


class PairKind(models.TextChoices):
    """The pairs of kinds."""

    CUSTOMER = "customer", "Accounts and customers"
    PERSON = "person", "Contacts and contact persons"
    PRODUCT = "product", "Products and items"


class OnGone(models.TextChoices):
    """What becomes of a link when one of its records was deleted or merged in Zoho. Nothing is ever deleted by us."""

    ASK = "ask", "A person decides"
    UNLINK = "unlink", "Unlink; the other record stays as it is"
    RESTORE = "restore", "Make it again from the other side"
    IGNORE = "ignore", "Leave everything as it is"


class Mapping(models.Model):
    """The mapping of one pair of kinds. `owner` is the kind's; a field's own overrides it.

    `two_way` off means that nothing is written: both sides are read and shown only.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    pair = models.CharField(max_length=10, choices=PairKind)
    owner = models.CharField("Owner of the kind", max_length=8, blank=True, choices=[(o.value, o.value) for o in Owner])
    two_way = models.BooleanField("Sync is on", default=False)
    creates_in_crm = models.BooleanField("Make what CRM lacks", default=False)
    creates_in_books = models.BooleanField("Make what Books lacks", default=False)
    on_gone = models.CharField("When a record is gone on a side", max_length=8, choices=OnGone, default=OnGone.ASK)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    survey = models.JSONField("Who is who, as last counted", default=dict, blank=True)
    history = HistoricalRecords(related_name="past", excluded_fields=["survey"])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "pair"], name="one_mapping_per_pair")]

    def __str__(self) -> str:
        return f"{self.get_pair_display()}, version {self.version}"

    @property
    def kinds(self) -> tuple[str, str]:
        """CRM's and Books' kind."""
        return kinds_of(self.pair, self.connection.parties)


class MappedField(models.Model):
    """One line of a mapping; see `syncjobs.domain.mapping.FieldMap` for what each column means."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    name = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    crm = models.CharField("Field in CRM", max_length=120)
    books = models.CharField("Field in Books", max_length=120)
    transform = models.CharField(max_length=20, default="text")
    settings = models.JSONField(default=dict, blank=True)
    direction = models.CharField(max_length=8, choices=[(d.value, d.value) for d in Direction], default=Direction.BOTH)
    owner = models.CharField(max_length=8, blank=True, choices=[(o.value, o.value) for o in Owner])
    blank_erases = models.BooleanField(default=False)
    set_back = models.BooleanField("A refused edit is set back", default=False)
    history = HistoricalRecords(related_name="past")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["mapping", "name"], name="one_line_per_name")]

    def __str__(self) -> str:
        return self.label
