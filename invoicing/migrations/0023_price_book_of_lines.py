from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0022_price_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='soldproduct',
            name='price_book',
            field=models.CharField(blank=True, help_text="CRM's price book that priced it, by name", max_length=200),
        ),
    ]
