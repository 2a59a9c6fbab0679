import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0022_bill_books_price'),
        ('invoicing', '0018_sums_of_what_is_owed'),
        ('syncjobs', '0025_aligning_plans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PriceCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('different', models.IntegerField(default=0)),
                ('accepted', models.IntegerField(default=0)),
                ('same', models.IntegerField(default=0)),
                ('only_crm', models.IntegerField(default=0)),
                ('only_books', models.IntegerField(default=0)),
                ('off', models.IntegerField(default=0)),
                ('last_link', models.BigIntegerField(default=0, help_text='Links up to this one were compared')),
                ('whole_at', models.DateTimeField(blank=True, help_text='When all that was there before was compared', null=True)),
                ('connection', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='accounts.connection')),
            ],
        ),
        migrations.CreateModel(
            name='PriceDrift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_id', models.CharField(blank=True, max_length=30, verbose_name='Product in CRM')),
                ('item_id', models.CharField(blank=True, max_length=30, verbose_name='Item in Books')),
                ('name', models.CharField(max_length=300)),
                ('name_key', models.CharField(blank=True, max_length=300)),
                ('code', models.CharField(blank=True, max_length=100, verbose_name='SKU or code')),
                ('code_key', models.CharField(blank=True, max_length=100)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('state', models.CharField(choices=[('different', 'Different'), ('accepted', 'Accepted as different'), ('same', 'Identical'), ('only_crm', 'Only in CRM'), ('only_books', 'Only in Books'), ('off', 'No longer compared')], max_length=10)),
                ('crm_price', accounts.fields.AmountField(blank=True, null=True, verbose_name='Price in CRM')),
                ('books_price', accounts.fields.AmountField(blank=True, null=True, verbose_name='Price in Books')),
                ('gap', accounts.fields.AmountField(default=0, verbose_name='Apart by')),
                ('crm_since', models.DateTimeField(blank=True, null=True, verbose_name='In CRM since')),
                ('books_since', models.DateTimeField(blank=True, null=True, verbose_name='In Books since')),
                ('crm_by', models.CharField(blank=True, max_length=150, verbose_name='Changed in CRM by')),
                ('was_crm', accounts.fields.AmountField(blank=True, null=True, verbose_name='Before in CRM')),
                ('was_books', accounts.fields.AmountField(blank=True, null=True, verbose_name='Before in Books')),
                ('agreed', accounts.fields.AmountField(blank=True, null=True, verbose_name='Last price on both sides')),
                ('since', models.DateTimeField(blank=True, null=True, verbose_name='Different since')),
                ('quotes', models.PositiveIntegerField(default=0, verbose_name='Open quotes')),
                ('deals', models.PositiveIntegerField(default=0)),
                ('at_stake', accounts.fields.AmountField(default=0, verbose_name='Money at stake')),
                ('staked_at', models.DateTimeField(blank=True, null=True, verbose_name='Money at stake as of')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='Why it may differ')),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('compared_at', models.DateTimeField(verbose_name='Last compared')),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.connection')),
                ('link', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='syncjobs.link')),
            ],
            options={
                'verbose_name': 'price',
                'verbose_name_plural': 'price drift',
                'ordering': ['-at_stake', '-gap', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PriceStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(help_text='When Zoho says that the record was changed; else when it was seen')),
                ('seen_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('different', 'Different'), ('accepted', 'Accepted as different'), ('same', 'Identical'), ('only_crm', 'Only in CRM'), ('only_books', 'Only in Books'), ('off', 'No longer compared')], max_length=10)),
                ('crm_price', accounts.fields.AmountField(blank=True, null=True)),
                ('books_price', accounts.fields.AmountField(blank=True, null=True)),
                ('was_crm', accounts.fields.AmountField(blank=True, null=True)),
                ('was_books', accounts.fields.AmountField(blank=True, null=True)),
                ('crm_moved', models.BooleanField(default=False)),
                ('books_moved', models.BooleanField(default=False)),
                ('who', models.CharField(blank=True, max_length=200)),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='invoicing.pricedrift')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SoldProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_id', models.CharField(max_length=30)),
                ('quantity', models.CharField(help_text='Decimal text, as CRM gave it', max_length=40)),
                ('rate', accounts.fields.AmountField(blank=True, null=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.connection')),
                ('deal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='products', to='invoicing.deal')),
                ('quote', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='products', to='invoicing.quote')),
            ],
        ),
        migrations.AddIndex(
            model_name='pricedrift',
            index=models.Index(fields=['state', '-at_stake', '-gap', '-id'], name='price_by_stake'),
        ),
        migrations.AddIndex(
            model_name='pricedrift',
            index=models.Index(fields=['-at_stake', '-gap', '-id'], name='price_all_by_stake'),
        ),
        migrations.AddIndex(
            model_name='pricedrift',
            index=models.Index(fields=['connection', 'item_id'], name='price_by_item'),
        ),
        migrations.AddIndex(
            model_name='pricedrift',
            index=models.Index(fields=['connection', 'name_key'], name='price_by_name'),
        ),
        migrations.AddIndex(
            model_name='pricedrift',
            index=models.Index(fields=['connection', 'code_key'], name='price_by_code'),
        ),
        migrations.AddConstraint(
            model_name='pricedrift',
            constraint=models.UniqueConstraint(fields=('connection', 'product_id', 'item_id'), name='one_price_per_pair'),
        ),
        migrations.AddIndex(
            model_name='pricestep',
            index=models.Index(fields=['price', 'at'], name='price_steps'),
        ),
        migrations.AddIndex(
            model_name='soldproduct',
            index=models.Index(fields=['connection', 'product_id'], name='sold_by_product'),
        ),
    ]
