import django.db.models.deletion
import duban.intake.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0001_tables'),
        ('orgs', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('size_bytes', models.IntegerField()),
                ('title', models.CharField(max_length=300)),
                ('document_number', models.CharField(blank=True, max_length=60)),
                ('issuer', models.CharField(blank=True, max_length=120)),
                ('year', models.IntegerField()),
                ('issued_on', models.DateField(null=True)),
                ('header', models.JSONField()),
                ('lines', models.JSONField()),
                ('state', models.CharField(choices=[('reviewing', '核对中'), ('registered', '已立项'), ('discarded', '已作废')], max_length=12)),
                ('uploaded_at', models.DateTimeField()),
                ('uploaded_by_name', models.CharField(max_length=40)),
                ('registered_at', models.DateTimeField(null=True)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='orgs.jurisdiction')),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='matters.plan')),
            ],
            options={
                'verbose_name': '责任分解通知',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', duban.intake.rules.NoticeState['DISCARDED']), _negated=True), fields=('jurisdiction', 'digest'), name='notice_imported_once'), models.CheckConstraint(condition=models.Q(models.Q(('plan__isnull', False), ('registered_at__isnull', False), ('state', duban.intake.rules.NoticeState['REGISTERED'])), models.Q(models.Q(('state', duban.intake.rules.NoticeState['REGISTERED']), _negated=True), ('registered_at__isnull', True)), _connector='OR'), name='notice_registered_with_plan')],
            },
        ),
        migrations.CreateModel(
            name='Row',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.FloatField()),
                ('source_line', models.IntegerField(null=True)),
                ('source_page', models.IntegerField(null=True)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('section', models.CharField(blank=True, max_length=200)),
                ('targets', models.JSONField(default=list)),
                ('links', models.JSONField(default=list)),
                ('oversight', models.JSONField(default=list)),
                ('other', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('pending', '待核对'), ('accepted', '已通过'), ('rejected', '已剔除')], default=duban.intake.rules.RowState['PENDING'], max_length=10)),
                ('settled_by_name', models.CharField(blank=True, max_length=40)),
                ('settled_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('matter', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notice_row', to='matters.matter')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='intake.notice')),
            ],
            options={
                'verbose_name': '待核对行',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='NameReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unit', 'unit'), ('group', 'group'), ('person', 'person'), ('overseer', 'overseer')], max_length=10)),
                ('name', models.CharField(max_length=200)),
                ('uses', models.IntegerField(default=0)),
                ('unit_type', models.CharField(blank=True, max_length=12)),
                ('members', models.JSONField(default=list)),
                ('is_open_group', models.BooleanField(default=False)),
                ('unit_name', models.CharField(blank=True, max_length=200)),
                ('post_kind', models.CharField(blank=True, choices=[('unit_head', '主要负责人'), ('responsible', '责任人'), ('leader', '区领导'), ('government_head', '政府主要领导')], max_length=16)),
                ('post_title', models.CharField(blank=True, max_length=60)),
                ('qualifier', models.CharField(blank=True, max_length=40)),
                ('is_decided', models.BooleanField(default=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('settled_by_name', models.CharField(blank=True, max_length=40)),
                ('settled_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orgs.unitgroup')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orgs.person')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orgs.unit')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='intake.notice')),
                ('row', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='names', to='intake.row')),
            ],
            options={
                'verbose_name': '名称认定',
                'ordering': ['kind', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('row__isnull', True)), fields=('notice', 'kind', 'name', 'unit_name'), name='name_once_in_a_notice'), models.UniqueConstraint(condition=models.Q(('row__isnull', False)), fields=('row', 'kind', 'name'), name='name_once_in_a_row')],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.IntegerField()),
                ('kind', models.CharField(max_length=30)),
                ('field', models.CharField(blank=True, max_length=14)),
                ('severity', models.CharField(max_length=10)),
                ('message', models.TextField()),
                ('evidence', models.TextField(blank=True)),
                ('serials', models.JSONField(default=list)),
                ('source_line', models.IntegerField(null=True)),
                ('lines', models.JSONField(default=list)),
                ('suggestion', models.JSONField(null=True)),
                ('state', models.CharField(choices=[('open', 'open'), ('accepted', 'accepted'), ('dismissed', 'dismissed')], default=duban.intake.rules.FindingState['OPEN'], max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('applied', models.JSONField(null=True)),
                ('settled_by_name', models.CharField(blank=True, max_length=40)),
                ('settled_at', models.DateTimeField(null=True)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='intake.notice')),
                ('row', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='intake.row')),
            ],
            options={
                'verbose_name': '疑点',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Cell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('serial', '序号'), ('text', '具体目标任务'), ('lead_units', '牵头单位'), ('persons', '责任人'), ('support_units', '协办单位'), ('overseers', '区分管或联系领导'), ('deadline', '完成时限')], max_length=14)),
                ('value', models.JSONField()),
                ('read_value', models.JSONField()),
                ('raw', models.TextField(blank=True)),
                ('basis', models.CharField(choices=[('read', '原文读取'), ('inherited', '沿用上行'), ('inferred', '推断'), ('corrected', '人工更正'), ('entered', '人工录入'), ('blank', '空白')], max_length=10)),
                ('source_line', models.IntegerField(null=True)),
                ('is_confirmed', models.BooleanField(default=True)),
                ('settled_by_name', models.CharField(blank=True, max_length=40)),
                ('settled_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='intake.row')),
            ],
            options={
                'verbose_name': '单元格',
                'constraints': [models.UniqueConstraint(fields=('row', 'field'), name='cell_once_in_a_row')],
            },
        ),
    ]
