from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('syncjobs', '0024_freshness_targets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='plan',
            name='purpose',
            field=models.CharField(blank=True, choices=[('retry', "Retry of what didn't go through"), ('undo', 'Undo of a run'), ('align', "One side's value for the other")], max_length=6),
        ),
    ]
