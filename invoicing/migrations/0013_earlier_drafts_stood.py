"""Drafts made before their moments were kept stood when they were recorded."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def stood_when_recorded(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("invoicing", "Conversion").objects.filter(stood_at=None)
    rows.exclude(drafted_at=None).exclude(attempts=0).update(stood_at=F("drafted_at"))


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0012_moments_of_a_sale")]
    operations = [migrations.RunPython(stood_when_recorded, migrations.RunPython.noop)]
