"""A deal that finance took off the list of sales to bill: why, by whom, when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0016_parts_of_a_sale"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="deal",
            name="not_billable",
            field=models.CharField(blank=True, max_length=300, verbose_name="Why it isn't billed"),
        ),
        migrations.AddField(
            model_name="deal",
            name="not_billable_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="not_billable_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
