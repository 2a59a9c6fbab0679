"""What was written before lists had their columns gets them, too."""

from django.db import migrations

from syncjobs.domain.normalising import normal_name

AT_A_TIME = 500


def fill(apps, schema_editor):
    _fill(apps.get_model("syncjobs", "PlannedWrite"), lambda row: [change["field"] for change in row.changes])
    _fill(apps.get_model("syncjobs", "Entry"), lambda row: list(row.after))


def _fill(model, fields_of):
    chunk = []
    for row in model.objects.filter(name_key="", fields="").order_by("pk").iterator(AT_A_TIME):
        names = fields_of(row)
        row.name_key = normal_name(row.name)[:300]
        row.fields = f"|{'|'.join(names)}|" if names else ""
        chunk.append(row)
        if len(chunk) == AT_A_TIME:
            model.objects.bulk_update(chunk, ["name_key", "fields"])
            chunk = []
    model.objects.bulk_update(chunk, ["name_key", "fields"])


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0014_entries_and_writes_as_lists")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
