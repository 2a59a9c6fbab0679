"""People who log in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who logs in; `crm_user_id` says which CRM user's deals are hers."""

    crm_user_id = models.CharField("CRM user", max_length=30, blank=True, db_index=True)
    mail_notices = models.BooleanField("Notices also by e-mail", default=True)
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")

    class Meta:
        verbose_name = "user"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
