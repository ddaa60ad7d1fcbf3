import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='YearNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.IntegerField(verbose_name='年度')),
                ('title', models.CharField(max_length=100, verbose_name='文号或标题')),
                ('loaded_at', models.DateTimeField()),
                ('loaded_by_name', models.CharField(max_length=40)),
            ],
            options={
                'verbose_name': '放假安排',
                'ordering': ['-year', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='NoticeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('is_workday', models.BooleanField()),
                ('name', models.CharField(blank=True, max_length=20)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='calendars.yearnotice')),
            ],
            options={
                'verbose_name': '放假安排的日子',
                'ordering': ['day'],
                'constraints': [models.UniqueConstraint(fields=('notice', 'day'), name='day_once_in_a_notice')],
            },
        ),
    ]
