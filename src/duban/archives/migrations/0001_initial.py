import django.db.models.deletion
import duban.archives.rules
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0001_tables'),
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Archive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', '等待写成'), ('writing', '正在写'), ('done', '已写成'), ('failed', '没有写成')], default=duban.archives.rules.ArchiveState['ASKED'], max_length=8)),
                ('is_final', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_name', models.CharField(max_length=40)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(null=True)),
                ('written_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('size_bytes', models.BigIntegerField(null=True)),
                ('files', models.IntegerField(null=True)),
                ('missing', models.JSONField(default=list)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archives', to='orgs.jurisdiction')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archives', to='matters.plan')),
            ],
            options={
                'verbose_name': '档案',
                'ordering': ['-asked_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', [duban.archives.rules.ArchiveState['ASKED'], duban.archives.rules.ArchiveState['WRITING']])), fields=['state'], name='archive_to_write')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', [duban.archives.rules.ArchiveState['ASKED'], duban.archives.rules.ArchiveState['WRITING']])), fields=('plan',), name='one_archive_of_a_plan_is_written'), models.CheckConstraint(condition=models.Q(models.Q(('files__gt', 0), ('size_bytes__gt', 0), ('state', duban.archives.rules.ArchiveState['DONE']), ('written_at__isnull', False), models.Q(('digest', ''), _negated=True)), models.Q(models.Q(('state', duban.archives.rules.ArchiveState['DONE']), _negated=True), ('digest', ''), ('size_bytes__isnull', True), ('written_at__isnull', True)), _connector='OR'), name='archive_written_whole'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', duban.archives.rules.ArchiveState['WRITING']), models.Q(('token', ''), _negated=True)), models.Q(models.Q(('state', duban.archives.rules.ArchiveState['WRITING']), _negated=True), ('lease_until__isnull', True), ('token', '')), _connector='OR'), name='archive_written_on_a_lease'), models.CheckConstraint(condition=models.Q(models.Q(('state', duban.archives.rules.ArchiveState['FAILED']), models.Q(('problem', ''), _negated=True)), models.Q(models.Q(('state', duban.archives.rules.ArchiveState['FAILED']), _negated=True), ('problem', '')), _connector='OR'), name='archive_failed_with_words')],
            },
        ),
        migrations.CreateModel(
            name='PlanClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('counts', models.JSONField()),
                ('note', models.CharField(max_length=500, verbose_name='办结情况')),
                ('closed_at', models.DateTimeField()),
                ('closed_by_name', models.CharField(max_length=40)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('reopened_by_name', models.CharField(blank=True, max_length=40)),
                ('reopened_reason', models.CharField(blank=True, max_length=300, verbose_name='重新打开的理由')),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.approval')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='matters.plan')),
                ('reopened_approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.approval')),
            ],
            options={
                'verbose_name': '年度办结',
                'ordering': ['plan', 'number'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='plan_closing_once'), models.UniqueConstraint(condition=models.Q(('reopened_at__isnull', True)), fields=('plan',), name='one_plan_closing_stands'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='plan_closing_says_how'), models.CheckConstraint(condition=models.Q(models.Q(('reopened_at__isnull', True), ('reopened_by_name', ''), ('reopened_reason', '')), models.Q(('reopened_at__isnull', False), models.Q(('reopened_by_name', ''), _negated=True), models.Q(('reopened_reason', ''), _negated=True)), _connector='OR'), name='plan_reopened_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('reopened_approval__isnull', True), ('reopened_at__isnull', True)), models.Q(('reopened_approval__isnull', False), ('reopened_at__isnull', False)), _connector='OR'), name='plan_reopened_with_approval')],
            },
        ),
    ]
