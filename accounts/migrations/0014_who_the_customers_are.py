"""Accounts are the customers, or contacts are: a setting of the connection."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column on connections and their history."""

    dependencies = [("accounts", "0013_what_documents_follow")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="parties",
            field=models.CharField(
                choices=[("accounts", "Accounts, with their contacts as persons"), ("contacts", "Contacts")],
                default="accounts",
                max_length=8,
                verbose_name="Customers are",
            ),
        )
        for name in ("connection", "historicalconnection")
    ]
