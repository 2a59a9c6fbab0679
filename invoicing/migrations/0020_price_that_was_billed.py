from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0019_prices_compared'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversion',
            name='price_choice',
            field=models.CharField(blank=True, choices=[('sale', "The sale's price"), ('books', "Books' price")], help_text='The price that a person chose where the two differ', max_length=5),
        ),
        migrations.AddField(
            model_name='conversion',
            name='prices',
            field=models.JSONField(blank=True, default=list, help_text="Lines sold at another price than Books', as billed"),
        ),
    ]
