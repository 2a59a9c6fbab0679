"""Record by kind: one list each, of the same rows."""

from typing import Any, ClassVar

from django.db import models

from syncjobs.models.records import Record


class OfKind(models.Manager[Any]):
    """The records of one kind."""

    def get_queryset(self) -> models.QuerySet[Any]:
        kind: str = getattr(self.model, "KIND", "")
        return super().get_queryset().filter(kind=kind)


class Customer(Record):
    """A customer in Books."""

    KIND = Record.Kind.CUSTOMER
    objects: ClassVar[models.Manager[Any]] = OfKind()

    class Meta:
        proxy = True
        verbose_name = "customer"


class Product(Record):
    """A product in CRM."""

    KIND = Record.Kind.PRODUCT
    objects: ClassVar[models.Manager[Any]] = OfKind()

    class Meta:
        proxy = True
        verbose_name = "product"


class Item(Record):
    """An item in Books."""

    KIND = Record.Kind.ITEM
    objects: ClassVar[models.Manager[Any]] = OfKind()

    class Meta:
        proxy = True
        verbose_name = "item"
