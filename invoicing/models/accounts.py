"""CRM accounts as sales looks at them; the financial panel hangs here."""

from typing import ClassVar

from django.db import models

from syncjobs.models import Record


class AccountManager(models.Manager["Account"]):
    """Only accounts."""

    def get_queryset(self) -> models.QuerySet["Account"]:
        return super().get_queryset().filter(kind=Record.Kind.ACCOUNT)


class Account(Record):
    """A record of kind account."""

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        proxy = True
        verbose_name = "account"
