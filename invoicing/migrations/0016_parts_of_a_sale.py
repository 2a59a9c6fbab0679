"""What of its sale a conversion bills, where a person asked for a part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0015_lists_newest_first")]
    operations = [
        migrations.AddField(
            model_name="conversion",
            name="portion",
            field=models.JSONField(blank=True, default=dict, help_text="What of the sale this part bills; empty: all"),
        ),
    ]
