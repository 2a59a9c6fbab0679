from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_bill_by_themselves'),
    ]

    operations = [
        migrations.AlterField(
            model_name='connection',
            name='price_policy',
            field=models.CharField(choices=[('sale', "Bill the sale's price"), ('books', "Bill Books' price"), ('stop', 'Stop and ask finance')], default='sale', max_length=5),
        ),
        migrations.AlterField(
            model_name='historicalconnection',
            name='price_policy',
            field=models.CharField(choices=[('sale', "Bill the sale's price"), ('books', "Bill Books' price"), ('stop', 'Stop and ask finance')], default='sale', max_length=5),
        ),
    ]
