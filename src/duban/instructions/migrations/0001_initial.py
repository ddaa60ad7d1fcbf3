import django.db.models.deletion
import duban.instructions.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Instruction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leader_name', models.CharField(max_length=60, verbose_name='批示领导')),
                ('text', models.TextField(verbose_name='批示内容')),
                ('given_on', models.DateField(verbose_name='批示日期')),
                ('entered_as', models.CharField(choices=[('leader', '本人'), ('secretary', '秘书代录'), ('office', '督查室据批示件登记')], max_length=10)),
                ('entered_at', models.DateTimeField()),
                ('entered_by_name', models.CharField(max_length=40)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='orgs.jurisdiction')),
                ('matter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='matters.matter')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='matters.plan')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instructions', to='orgs.post')),
            ],
            options={
                'verbose_name': '批示',
                'ordering': ['given_on', 'pk'],
                'indexes': [models.Index(fields=['jurisdiction', 'post'], name='instruction_by_post')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='instruction_says_something')],
            },
        ),
        migrations.CreateModel(
            name='Charge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', '待落实'), ('answered', '已反馈'), ('settled', '已办结')], default=duban.instructions.rules.ChargeState['OPEN'], max_length=8)),
                ('feedback_no', models.IntegerField(default=1)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by_name', models.CharField(blank=True, max_length=40)),
                ('settled_note', models.CharField(blank=True, max_length=200)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='orgs.unit')),
                ('instruction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='instructions.instruction')),
            ],
            options={
                'verbose_name': '批示承办单位',
                'ordering': ['instruction', 'pk'],
                'indexes': [models.Index(fields=['unit', 'state'], name='charge_of_unit')],
                'constraints': [models.UniqueConstraint(fields=('instruction', 'unit'), name='unit_charged_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', duban.instructions.rules.ChargeState['SETTLED']), ('settled_at__isnull', False), models.Q(('settled_by_name', ''), _negated=True)), models.Q(models.Q(('state', duban.instructions.rules.ChargeState['SETTLED']), _negated=True), ('settled_at__isnull', True), ('settled_by_name', ''), ('settled_note', '')), _connector='OR'), name='charge_settled_with_person')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('asked', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_name', models.CharField(max_length=40)),
                ('text', models.TextField(blank=True, verbose_name='落实情况')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by_name', models.CharField(blank=True, max_length=40)),
                ('channel', models.CharField(blank=True, choices=[('paper', '纸质回执'), ('telephone', '电话')], max_length=12)),
                ('informant', models.CharField(blank=True, max_length=40)),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='feedback', to='instructions.charge')),
            ],
            options={
                'verbose_name': '批示落实情况',
                'ordering': ['charge', 'number'],
                'constraints': [models.UniqueConstraint(fields=('charge', 'number'), name='feedback_once'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('answered_by_name', ''), ('text', '')), models.Q(models.Q(('text', ''), _negated=True), ('answered_at__isnull', False), models.Q(('answered_by_name', ''), _negated=True)), _connector='OR'), name='feedback_with_person'), models.CheckConstraint(condition=models.Q(models.Q(('channel', ''), ('informant', '')), models.Q(models.Q(('channel', ''), _negated=True), models.Q(('informant', ''), _negated=True)), _connector='OR'), name='feedback_told_by_somebody')],
            },
        ),
    ]
