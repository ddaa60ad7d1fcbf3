import django.db.models.deletion
import duban.matters.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orgs', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.CharField(max_length=200, verbose_name='依据')),
                ('approved_by_name', models.CharField(max_length=60, verbose_name='批准人')),
                ('approved_on', models.DateField(verbose_name='批准日期')),
                ('document_number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by_name', models.CharField(max_length=40)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orgs.jurisdiction')),
            ],
            options={
                'verbose_name': '审批记录',
            },
        ),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.CharField(blank=True, max_length=20, verbose_name='序号')),
                ('order', models.FloatField(default=0)),
                ('origin', models.CharField(choices=[('notice', '责任分解通知'), ('instruction', '批示件'), ('meeting', '会议议定事项'), ('superior', '上级交办'), ('other', '其他')], max_length=12, verbose_name='来源')),
                ('supervision_type', models.CharField(choices=[('comprehensive', '综合督查'), ('special', '专项督查'), ('investigation', '事件调查'), ('daily', '日常督办'), ('clue', '线索核查')], default=duban.matters.rules.SupervisionType['DAILY'], max_length=14, verbose_name='督查类型')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='标题')),
                ('section', models.CharField(blank=True, max_length=200, verbose_name='所属板块')),
                ('text', models.TextField(verbose_name='具体目标任务')),
                ('kind', models.CharField(choices=[('quantified', '量化'), ('milestone', '节点'), ('continuing', '常态')], max_length=12, verbose_name='类别')),
                ('field', models.CharField(blank=True, max_length=20, verbose_name='领域')),
                ('is_livelihood', models.BooleanField(default=False, verbose_name='民生')),
                ('is_weakness', models.BooleanField(default=False, verbose_name='短板')),
                ('deadline_text', models.CharField(blank=True, max_length=100, verbose_name='完成时限')),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('due_on', models.DateField(verbose_name='办结时限')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('registered', '已立项'), ('assigned', '已交办'), ('in_progress', '办理中'), ('closing', '申请销号'), ('closed', '已销号'), ('suspended', '已暂停'), ('carried_over', '已结转'), ('terminated', '已终止')], max_length=14, verbose_name='状态')),
                ('state_before_pause', models.CharField(blank=True, max_length=14)),
                ('registered_at', models.DateTimeField(null=True)),
                ('assigned_at', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('closing_asked_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by_name', models.CharField(blank=True, max_length=40)),
                ('first_closed_on', models.DateField(null=True)),
                ('progress_pct', models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name='进展')),
                ('progress_on', models.DateField(null=True)),
                ('forecast', models.CharField(blank=True, choices=[('on_time', '能按期'), ('strained', '有困难但可完成'), ('unlikely', '难以按期完成')], max_length=10, verbose_name='自我预判')),
                ('forecast_on', models.DateField(null=True)),
                ('source', models.JSONField(null=True)),
                ('note', models.TextField(blank=True, verbose_name='备注')),
                ('pinyin', models.TextField(blank=True)),
                ('initials', models.TextField(blank=True)),
                ('version', models.IntegerField(default=1)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='registered_matters', to='matters.approval')),
                ('carried_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried_to', to='matters.matter')),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='orgs.jurisdiction')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_items', to='matters.matter')),
            ],
            options={
                'verbose_name': '督查事项',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('lead', '牵头'), ('support', '协办')], max_length=8)),
                ('order', models.IntegerField(default=0)),
                ('is_merging', models.BooleanField(default=False)),
                ('qualifier', models.CharField(blank=True, max_length=40, verbose_name='说明')),
                ('from_group', models.CharField(blank=True, max_length=60, verbose_name='所属统称')),
                ('due_on', models.DateField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('acknowledged_by_name', models.CharField(blank=True, max_length=40)),
                ('responsible_leader', models.CharField(blank=True, max_length=40, verbose_name='责任领导')),
                ('responsible_person', models.CharField(blank=True, max_length=40, verbose_name='具体责任人')),
                ('measures', models.TextField(blank=True, verbose_name='措施')),
                ('refused_at', models.DateTimeField(null=True)),
                ('refusal_reason', models.CharField(blank=True, max_length=300)),
                ('refusal_upheld', models.BooleanField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='orgs.post')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='orgs.unit')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='matters.matter')),
            ],
            options={
                'verbose_name': '责任单位',
                'ordering': ['part', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('matter', 'unit'), name='unit_once_on_a_matter'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('is_merging', True)), fields=('matter',), name='matter_has_one_merging_lead'), models.CheckConstraint(condition=models.Q(('is_merging', False), ('part', duban.matters.rules.Part['LEAD']), _connector='OR'), name='only_a_lead_merges')],
            },
        ),
        migrations.CreateModel(
            name='MatterChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('adjust', '调整'), ('extend', '延期'), ('suspend', '暂停'), ('resume', '恢复'), ('split', '拆分'), ('carry_over', '结转下年'), ('terminate', '终止'), ('reopen', '重新办理')], max_length=12)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=500)),
                ('is_bulk', models.BooleanField(default=False)),
                ('effective_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by_name', models.CharField(max_length=40)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='matters.approval')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='matters.matter')),
            ],
            options={
                'verbose_name': '事项变更',
                'ordering': ['recorded_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=100)),
                ('due_on', models.DateField()),
                ('expected_pct', models.DecimalField(decimal_places=2, max_digits=5)),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='matters.matter')),
            ],
            options={
                'verbose_name': '时间节点',
                'ordering': ['due_on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('matter', 'due_on'), name='milestone_once_a_day'), models.CheckConstraint(condition=models.Q(('expected_pct__gte', 0), ('expected_pct__lte', 100)), name='milestone_pct')],
            },
        ),
        migrations.CreateModel(
            name='NamedGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('part', models.CharField(choices=[('lead', '牵头'), ('support', '协办')], max_length=8)),
                ('order', models.IntegerField(default=0)),
                ('is_settled', models.BooleanField(default=True)),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named_groups', to='matters.matter')),
            ],
            options={
                'verbose_name': '事项中的统称',
                'ordering': ['part', 'order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Overseer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('in_charge', '分管'), ('in_contact', '联系'), ('unspecified', '分管或联系')], default=duban.matters.rules.OverseerRelation['UNSPECIFIED'], max_length=12)),
                ('order', models.IntegerField(default=0)),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overseers', to='matters.matter')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oversees', to='orgs.post')),
            ],
            options={
                'verbose_name': '分管或联系领导',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('matter', 'post'), name='overseer_once_on_a_matter')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.IntegerField(verbose_name='年度')),
                ('title', models.CharField(max_length=200, verbose_name='名称')),
                ('created_at', models.DateTimeField()),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='orgs.jurisdiction')),
            ],
            options={
                'verbose_name': '年度台账',
            },
        ),
        migrations.CreateModel(
            name='Obligation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('acknowledge', '签收'), ('contacts', '明确分管领导和联络员'), ('report', '报送完成情况'), ('milestone', '时间节点'), ('final', '办结时限')], max_length=12)),
                ('subject_type', models.CharField(blank=True, max_length=20)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('title', models.CharField(max_length=120)),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', '待办'), ('met', '已完成'), ('waived', '已免除')], default=duban.matters.rules.OwedState['OPEN'], max_length=8)),
                ('met_on', models.DateField(null=True)),
                ('waived_reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('assignment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='obligations', to='matters.assignment')),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='orgs.jurisdiction')),
                ('matter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='obligations', to='matters.matter')),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='orgs.post')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='orgs.unit')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='matters.plan')),
            ],
            options={
                'verbose_name': '应办事宜',
                'ordering': ['due_on', 'pk'],
                'indexes': [models.Index(fields=['unit', 'state', 'due_on'], name='owed_by_unit'), models.Index(fields=['matter', 'state'], name='owed_on_matter')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('met_on__isnull', False), ('state', duban.matters.rules.OwedState['MET'])), models.Q(models.Q(('state', duban.matters.rules.OwedState['MET']), _negated=True), ('met_on__isnull', True)), _connector='OR'), name='obligation_met_with_day'), models.UniqueConstraint(condition=models.Q(('matter__isnull', False), ('state', duban.matters.rules.OwedState['OPEN'])), fields=('matter', 'unit', 'kind', 'due_on'), name='matter_owes_a_thing_once'), models.UniqueConstraint(condition=models.Q(('kind__in', [duban.matters.rules.Owed['ACKNOWLEDGE'], duban.matters.rules.Owed['CONTACTS']]), ('matter__isnull', True), ('state', duban.matters.rules.OwedState['OPEN'])), fields=('plan', 'unit', 'kind'), name='unit_owes_a_thing_once'), models.CheckConstraint(condition=models.Q(('state', duban.matters.rules.OwedState['WAIVED']), ('waived_reason', ''), _connector='OR'), name='obligation_waived_with_reason')],
            },
        ),
        migrations.AddField(
            model_name='matter',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='matters.plan'),
        ),
        migrations.CreateModel(
            name='PlanSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('declared_items', '事项总数'), ('report_dates', '报送日期'), ('report_length', '报送字数'), ('contacts_per_unit', '每单位联系人'), ('look_back', '月底回头看'), ('contact', '督查室联系人')], max_length=30)),
                ('value', models.JSONField()),
                ('sentence', models.TextField(blank=True)),
                ('source_line', models.IntegerField(null=True)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='settings', to='matters.plan')),
            ],
            options={
                'verbose_name': '台账设置',
                'constraints': [models.UniqueConstraint(fields=('plan', 'key'), name='plan_setting_once')],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('number', models.IntegerField(verbose_name='版本')),
                ('preset', models.CharField(max_length=30)),
                ('figures', models.JSONField()),
                ('effective_on', models.DateField()),
                ('adopted_at', models.DateTimeField()),
                ('adopted_by_name', models.CharField(max_length=40)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='orgs.jurisdiction')),
            ],
            options={
                'verbose_name': '督查规则',
                'constraints': [models.UniqueConstraint(fields=('jurisdiction', 'number'), name='policy_number_once')],
            },
        ),
        migrations.AddField(
            model_name='plan',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='matters.policy'),
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.IntegerField(default=0)),
                ('text', models.CharField(max_length=100)),
                ('value', models.DecimalField(decimal_places=4, max_digits=20)),
                ('upper', models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ('unit_of_measure', models.CharField(blank=True, max_length=20)),
                ('sense', models.CharField(choices=[('=', '='), ('>', '>'), ('>=', '>='), ('<', '<'), ('<=', '<='), ('range', 'range')], max_length=6)),
                ('subject', models.CharField(blank=True, max_length=100)),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='matters.matter')),
            ],
            options={
                'verbose_name': '量化目标',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['jurisdiction', 'plan', 'order'], name='matter_in_order'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['plan', 'state'], name='matter_by_state'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['plan', 'origin', 'parent', 'serial'], name='matter_by_serial'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('registered_at__isnull', True), ('state', duban.matters.rules.State['DRAFT'])), models.Q(models.Q(('state', duban.matters.rules.State['DRAFT']), _negated=True), ('approval__isnull', False), ('registered_at__isnull', False)), _connector='OR'), name='matter_registered_with_approval'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', duban.matters.rules.State['CLOSED']), ('closed_at__isnull', False), models.Q(('closed_by_name', ''), _negated=True)), models.Q(models.Q(('state', duban.matters.rules.State['CLOSED']), _negated=True), ('closed_at__isnull', True), ('closed_by_name', '')), _connector='OR'), name='matter_closed_with_person'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', duban.matters.rules.State['SUSPENDED']), models.Q(('state_before_pause', ''), _negated=True)), models.Q(models.Q(('state', duban.matters.rules.State['SUSPENDED']), _negated=True), ('state_before_pause', '')), _connector='OR'), name='matter_pause_remembers'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', duban.matters.rules.State['CLOSING']), _negated=True), ('closing_asked_at__isnull', False), _connector='OR'), name='matter_closing_with_day'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('starts_on'))), name='matter_due_after_start'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('progress_on__isnull', True), ('progress_pct__isnull', True)), models.Q(('progress_on__isnull', False), ('progress_pct__gte', 0), ('progress_pct__lte', 100)), _connector='OR'), name='matter_progress_with_day'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('forecast', ''), ('forecast_on__isnull', True)), models.Q(models.Q(('forecast', ''), _negated=True), ('forecast_on__isnull', False)), _connector='OR'), name='matter_forecast_with_day'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(fields=('jurisdiction', 'year'), name='plan_once_a_year'),
        ),
    ]
