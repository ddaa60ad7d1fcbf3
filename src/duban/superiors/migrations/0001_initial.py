import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dealing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField(verbose_name='日期')),
                ('with_whom', models.CharField(max_length=60, verbose_name='与谁对接')),
                ('outcome', models.CharField(max_length=200, verbose_name='结果')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by_name', models.CharField(max_length=40)),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dealings', to='matters.matter')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dealings', to='orgs.unit')),
            ],
            options={
                'verbose_name': '对接记录',
                'ordering': ['held_on', 'pk'],
                'indexes': [models.Index(fields=['matter', 'held_on'], name='dealing_on_matter')],
                'constraints': [models.UniqueConstraint(fields=('matter', 'unit', 'held_on', 'with_whom', 'outcome'), name='dealing_noted_once')],
            },
        ),
        migrations.CreateModel(
            name='SuperiorTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('department', models.CharField(max_length=60, verbose_name='上级部门')),
                ('task', models.CharField(max_length=200, verbose_name='任务或文件')),
                ('document_number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('contact', models.CharField(blank=True, max_length=40, verbose_name='联系人')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='电话')),
                ('deadline', models.CharField(blank=True, max_length=60, verbose_name='时限')),
                ('version', models.IntegerField(default=1)),
                ('changed_at', models.DateTimeField()),
                ('changed_by_name', models.CharField(max_length=40)),
                ('matter', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='superior', to='matters.matter')),
            ],
            options={
                'verbose_name': '上级任务',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('department', ''), _negated=True), models.Q(('task', ''), _negated=True)), name='superior_names_department_and_task')],
            },
        ),
    ]
