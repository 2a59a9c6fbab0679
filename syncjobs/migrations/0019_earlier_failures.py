"""What the last applied plan of each pair left undone is told by cause, too; what older plans left was planned anew."""

from django.db import migrations

from syncjobs.domain.causes import cause_of

FAILED = ("refused", "moved", "held")


def name_causes(apps, schema_editor):
    write = apps.get_model("syncjobs", "PlannedWrite")
    for row in write.objects.filter(outcome__in=FAILED, cause="").iterator(500):
        write.objects.filter(pk=row.pk).update(cause=cause_of(row.outcome, "", row.sentence))
    plan = apps.get_model("syncjobs", "Plan")
    applied = plan.objects.filter(applied_at__isnull=False).order_by("pk").values_list("connection", "pair", "pk")
    last = {(connection, pair): pk for connection, pair, pk in applied}
    write.objects.filter(plan__in=last.values(), outcome__in=FAILED).update(failing=True)


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0018_failures_by_cause")]
    operations = [migrations.RunPython(name_causes, migrations.RunPython.noop)]
