import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0001_tables'),
        ('orgs', '0001_tables'),
        ('outbox', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('done_at', models.DateTimeField(null=True)),
                ('digests', models.IntegerField(default=0)),
                ('items', models.IntegerField(default=0)),
                ('unreached', models.JSONField(default=dict)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminder_rounds', to='orgs.jurisdiction')),
            ],
            options={
                'verbose_name': '提醒轮次',
                'ordering': ['day', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('jurisdiction', 'day'), name='reminder_round_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('items', models.IntegerField()),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='digests', to=settings.AUTH_USER_MODEL)),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='digest', to='outbox.message')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='digests', to='orgs.person')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sent', to='reminders.round')),
            ],
            options={
                'verbose_name': '汇总提醒',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('round', 'person'), name='digest_once_a_person'), models.UniqueConstraint(condition=models.Q(('account__isnull', False)), fields=('round', 'account'), name='digest_once_an_account'), models.CheckConstraint(condition=models.Q(models.Q(('account__isnull', True), ('person__isnull', False)), models.Q(('account__isnull', False), ('person__isnull', True)), _connector='OR'), name='digest_to_one')],
            },
        ),
        migrations.CreateModel(
            name='DigestPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('obligation_ids', models.JSONField(default=list)),
                ('items', models.IntegerField()),
                ('digest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='reminders.digest')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='digest_parts', to='orgs.unit')),
            ],
            options={
                'verbose_name': '提到的事项',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('digest', 'unit'), name='unit_once_in_a_digest'), models.CheckConstraint(condition=models.Q(('items__gt', 0)), name='digest_part_says_something')],
            },
        ),
    ]
