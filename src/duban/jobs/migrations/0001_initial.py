import django.db.models.functions.datetime
import duban.jobs.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('label', models.CharField(max_length=80)),
                ('at', models.CharField(max_length=5)),
                ('weekday', models.SmallIntegerField(null=True)),
                ('is_held', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': '日程',
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32, unique=True)),
                ('host', models.CharField(max_length=80)),
                ('pid', models.IntegerField()),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('doing', models.CharField(blank=True, max_length=80)),
            ],
            options={
                'verbose_name': '后台进程',
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=200)),
                ('args', models.JSONField(default=list)),
                ('kwargs', models.JSONField(default=dict)),
                ('name', models.CharField(blank=True, max_length=80)),
                ('label', models.CharField(max_length=80, verbose_name='任务')),
                ('due_on', models.DateField(null=True, verbose_name='应做日期')),
                ('priority', models.SmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('ready', '等待'), ('running', '正在运行'), ('done', '完成'), ('dead', '停下'), ('dropped', '作罢')], default=duban.jobs.rules.TaskState['READY'], max_length=8, verbose_name='状态')),
                ('not_before', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('retry_at', models.DateTimeField(null=True)),
                ('token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(null=True)),
                ('worker_keys', models.JSONField(default=list)),
                ('errors', models.JSONField(default=list)),
                ('result', models.JSONField(null=True)),
                ('enqueued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '后台任务',
                'indexes': [models.Index(condition=models.Q(('state__in', (duban.jobs.rules.TaskState['READY'], duban.jobs.rules.TaskState['RUNNING']))), fields=['state', 'not_before'], name='task_unfinished'), models.Index(condition=models.Q(('state', duban.jobs.rules.TaskState['DEAD'])), fields=['state'], name='task_dead')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('due_on__isnull', False)), fields=('name', 'due_on'), name='task_once_a_day'), models.CheckConstraint(condition=models.Q(('due_on__isnull', True), models.Q(models.Q(('name', ''), _negated=True), ('not_before__isnull', False)), _connector='OR'), name='task_of_schedule_has_name_and_time'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', duban.jobs.rules.TaskState['RUNNING']), models.Q(('token', ''), _negated=True)), models.Q(models.Q(('state', duban.jobs.rules.TaskState['RUNNING']), _negated=True), ('lease_until__isnull', True), ('token', '')), _connector='OR'), name='task_runs_on_a_lease')],
            },
        ),
    ]
