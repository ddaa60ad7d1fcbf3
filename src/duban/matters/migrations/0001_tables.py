import django.db.models.deletion
from django.db import migrations, models

import duban.matters.rules


class Migration(migrations.Migration):
    replaces = [
        ("matters", "0001_initial"),
        ("matters", "0002_obligations_about_things"),
        ("matters", "0003_lights"),
        ("matters", "0004_letters_are_owed"),
        ("matters", "0005_what_waits"),
        ("matters", "0006_owed_at_an_office"),
        ("matters", "0007_rectifying"),
        ("matters", "0008_when_it_ended"),
        ("matters", "0009_closed_plans"),
    ]

    initial = True

    dependencies = [
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("basis", models.CharField(max_length=200, verbose_name="依据")),
                ("approved_by_name", models.CharField(max_length=60, verbose_name="批准人")),
                ("approved_on", models.DateField(verbose_name="批准日期")),
                ("document_number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by_name", models.CharField(max_length=40)),
                (
                    "jurisdiction",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="orgs.jurisdiction"),
                ),
            ],
            options={
                "verbose_name": "审批记录",
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("number", models.IntegerField(verbose_name="版本")),
                ("preset", models.CharField(max_length=30)),
                ("figures", models.JSONField()),
                ("effective_on", models.DateField()),
                ("adopted_at", models.DateTimeField()),
                ("adopted_by_name", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="policies", to="orgs.jurisdiction"
                    ),
                ),
            ],
            options={
                "verbose_name": "督查规则",
                "constraints": [models.UniqueConstraint(fields=("jurisdiction", "number"), name="policy_number_once")],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.IntegerField(verbose_name="年度")),
                ("title", models.CharField(max_length=200, verbose_name="名称")),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="matters.policy"
                    ),
                ),
            ],
            options={
                "verbose_name": "年度台账",
                "constraints": [
                    models.UniqueConstraint(fields=("jurisdiction", "year"), name="plan_once_a_year"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_by_name", "")),
                            models.Q(("closed_at__isnull", False), models.Q(("closed_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="plan_closed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("serial", models.CharField(blank=True, max_length=20, verbose_name="序号")),
                ("order", models.FloatField(default=0)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("notice", "责任分解通知"),
                            ("instruction", "批示件"),
                            ("meeting", "会议议定事项"),
                            ("superior", "上级交办"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                (
                    "supervision_type",
                    models.CharField(
                        choices=[
                            ("comprehensive", "综合督查"),
                            ("special", "专项督查"),
                            ("investigation", "事件调查"),
                            ("daily", "日常督办"),
                            ("clue", "线索核查"),
                        ],
                        default=duban.matters.rules.SupervisionType["DAILY"],
                        max_length=14,
                        verbose_name="督查类型",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="标题")),
                ("section", models.CharField(blank=True, max_length=200, verbose_name="所属板块")),
                ("text", models.TextField(verbose_name="具体目标任务")),
                (
                    "kind",
                    models.CharField(
                        choices=[("quantified", "量化"), ("milestone", "节点"), ("continuing", "常态")],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=20, verbose_name="领域")),
                ("is_livelihood", models.BooleanField(default=False, verbose_name="民生")),
                ("is_weakness", models.BooleanField(default=False, verbose_name="短板")),
                ("deadline_text", models.CharField(blank=True, max_length=100, verbose_name="完成时限")),
                ("starts_on", models.DateField(verbose_name="起始日期")),
                ("due_on", models.DateField(verbose_name="办结时限")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("registered", "已立项"),
                            ("assigned", "已交办"),
                            ("in_progress", "办理中"),
                            ("closing", "申请销号"),
                            ("closed", "已销号"),
                            ("suspended", "已暂停"),
                            ("carried_over", "已结转"),
                            ("terminated", "已终止"),
                        ],
                        max_length=14,
                        verbose_name="状态",
                    ),
                ),
                ("state_before_pause", models.CharField(blank=True, max_length=14)),
                ("registered_at", models.DateTimeField(null=True)),
                ("assigned_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("closing_asked_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=40)),
                ("first_closed_on", models.DateField(null=True)),
                ("progress_pct", models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name="进展")),
                ("progress_on", models.DateField(null=True)),
                (
                    "forecast",
                    models.CharField(
                        blank=True,
                        choices=[("on_time", "能按期"), ("strained", "有困难但可完成"), ("unlikely", "难以按期完成")],
                        max_length=10,
                        verbose_name="自我预判",
                    ),
                ),
                ("forecast_on", models.DateField(null=True)),
                ("untrue_on", models.DateField(null=True)),
                (
                    "light",
                    models.CharField(
                        blank=True,
                        choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")],
                        max_length=6,
                        verbose_name="灯",
                    ),
                ),
                ("light_since", models.DateField(null=True)),
                ("lit_on", models.DateField(null=True)),
                ("yellow_on", models.DateField(null=True)),
                ("red_on", models.DateField(null=True)),
                ("next_on", models.DateField(null=True)),
                ("light_reasons", models.JSONField(default=list)),
                ("judged_on", models.DateField(null=True)),
                ("yellow_since", models.DateField(null=True)),
                ("light_key", models.CharField(blank=True, max_length=16)),
                (
                    "light_override",
                    models.CharField(
                        blank=True,
                        choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")],
                        max_length=6,
                        verbose_name="督查室改判",
                    ),
                ),
                ("source", models.JSONField(null=True)),
                ("note", models.TextField(blank=True, verbose_name="备注")),
                ("pinyin", models.TextField(blank=True)),
                ("initials", models.TextField(blank=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "approval",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registered_matters",
                        to="matters.approval",
                    ),
                ),
                (
                    "carried_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_to",
                        to="matters.matter",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="matters", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="matters.matter",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="matters", to="matters.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "督查事项",
                "ordering": ["order", "pk"],
                "indexes": [
                    models.Index(fields=["jurisdiction", "plan", "order"], name="matter_in_order"),
                    models.Index(fields=["plan", "state"], name="matter_by_state"),
                    models.Index(fields=["plan", "origin", "parent", "serial"], name="matter_by_serial"),
                    models.Index(
                        condition=models.Q(("next_on__isnull", False)), fields=["next_on"], name="matter_by_next_light"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("registered_at__isnull", True), ("state", duban.matters.rules.State["DRAFT"])),
                            models.Q(
                                models.Q(("state", duban.matters.rules.State["DRAFT"]), _negated=True),
                                ("approval__isnull", False),
                                ("registered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_registered_with_approval",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.matters.rules.State["CLOSED"]),
                                ("closed_at__isnull", False),
                                models.Q(("closed_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.matters.rules.State["CLOSED"]), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="matter_closed_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.matters.rules.State["SUSPENDED"]),
                                models.Q(("state_before_pause", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.matters.rules.State["SUSPENDED"]), _negated=True),
                                ("state_before_pause", ""),
                            ),
                            _connector="OR",
                        ),
                        name="matter_pause_remembers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", duban.matters.rules.State["CLOSING"]), _negated=True),
                            ("closing_asked_at__isnull", False),
                            _connector="OR",
                        ),
                        name="matter_closing_with_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("starts_on"))), name="matter_due_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("progress_on__isnull", True), ("progress_pct__isnull", True)),
                            models.Q(
                                ("progress_on__isnull", False), ("progress_pct__gte", 0), ("progress_pct__lte", 100)
                            ),
                            _connector="OR",
                        ),
                        name="matter_progress_with_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("forecast", ""), ("forecast_on__isnull", True)),
                            models.Q(models.Q(("forecast", ""), _negated=True), ("forecast_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="matter_forecast_with_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_on__isnull", True),
                            models.Q(("lit_on__isnull", False), ("next_on", models.F("lit_on"))),
                            models.Q(("next_on", models.F("yellow_on")), ("yellow_on__isnull", False)),
                            models.Q(("next_on", models.F("red_on")), ("red_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="matter_next_light_is_its_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("yellow_on__isnull", True),
                            ("red_on__isnull", True),
                            ("yellow_on__lt", models.F("red_on")),
                            _connector="OR",
                        ),
                        name="matter_yellow_before_red",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("light", ""), ("light_override", ""), ("light_since__isnull", True)),
                            models.Q(
                                (
                                    "light__in",
                                    [
                                        duban.matters.rules.Light["GREEN"],
                                        duban.matters.rules.Light["YELLOW"],
                                        duban.matters.rules.Light["RED"],
                                    ],
                                ),
                                ("light_since__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matter_light_with_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("light", duban.matters.rules.Light["RED"]), _negated=True),
                            models.Q(("next_on__isnull", True), ("red_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="matter_red_is_the_last",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(choices=[("lead", "牵头"), ("support", "协办")], max_length=8)),
                ("order", models.IntegerField(default=0)),
                ("is_merging", models.BooleanField(default=False)),
                ("qualifier", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                ("from_group", models.CharField(blank=True, max_length=60, verbose_name="所属统称")),
                ("due_on", models.DateField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by_name", models.CharField(blank=True, max_length=40)),
                ("responsible_leader", models.CharField(blank=True, max_length=40, verbose_name="责任领导")),
                ("responsible_person", models.CharField(blank=True, max_length=40, verbose_name="具体责任人")),
                ("measures", models.TextField(blank=True, verbose_name="措施")),
                ("refused_at", models.DateTimeField(null=True)),
                ("refusal_reason", models.CharField(blank=True, max_length=300)),
                ("refusal_upheld", models.BooleanField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="orgs.post",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="orgs.unit"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "责任单位",
                "ordering": ["part", "order", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("refusal_upheld__isnull", True), ("refused_at__isnull", False)),
                        fields=["refused_at"],
                        name="refusal_pending",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("matter", "unit"),
                        name="unit_once_on_a_matter",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("is_merging", True)),
                        fields=("matter",),
                        name="matter_has_one_merging_lead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_merging", False), ("part", duban.matters.rules.Part["LEAD"]), _connector="OR"
                        ),
                        name="only_a_lead_merges",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("adjust", "调整"),
                            ("extend", "延期"),
                            ("suspend", "暂停"),
                            ("resume", "恢复"),
                            ("split", "拆分"),
                            ("carry_over", "结转下年"),
                            ("terminate", "终止"),
                            ("reopen", "重新办理"),
                        ],
                        max_length=12,
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=500)),
                ("is_bulk", models.BooleanField(default=False)),
                ("effective_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by_name", models.CharField(max_length=40)),
                (
                    "approval",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="matters.approval"),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "事项变更",
                "ordering": ["recorded_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100)),
                ("due_on", models.DateField()),
                ("expected_pct", models.DecimalField(decimal_places=2, max_digits=5)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="milestones", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "时间节点",
                "ordering": ["due_on", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "due_on"), name="milestone_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("expected_pct__gte", 0), ("expected_pct__lte", 100)), name="milestone_pct"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NamedGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("part", models.CharField(choices=[("lead", "牵头"), ("support", "协办")], max_length=8)),
                ("order", models.IntegerField(default=0)),
                ("is_settled", models.BooleanField(default=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="named_groups", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "事项中的统称",
                "ordering": ["part", "order", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Overseer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "relation",
                    models.CharField(
                        choices=[("in_charge", "分管"), ("in_contact", "联系"), ("unspecified", "分管或联系")],
                        default=duban.matters.rules.OverseerRelation["UNSPECIFIED"],
                        max_length=12,
                    ),
                ),
                ("order", models.IntegerField(default=0)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="overseers", to="matters.matter"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="oversees", to="orgs.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "分管或联系领导",
                "ordering": ["order", "pk"],
                "constraints": [models.UniqueConstraint(fields=("matter", "post"), name="overseer_once_on_a_matter")],
            },
        ),
        migrations.CreateModel(
            name="Obligation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acknowledge", "签收"),
                            ("contacts", "明确分管领导和联络员"),
                            ("report", "报送完成情况"),
                            ("milestone", "时间节点"),
                            ("final", "办结时限"),
                            ("contribution", "报送协办情况"),
                            ("obstacle", "答复困难问题"),
                            ("decision", "落实调度会议定事项"),
                            ("instruction", "落实批示"),
                            ("letter", "答复函件"),
                            ("rectify_plan", "报送整改方案"),
                            ("rectified", "报送整改情况"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject_type", models.CharField(blank=True, max_length=20)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("title", models.CharField(max_length=120)),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待办"), ("met", "已完成"), ("waived", "已免除")],
                        default=duban.matters.rules.OwedState["OPEN"],
                        max_length=8,
                    ),
                ),
                ("met_on", models.DateField(null=True)),
                ("waived_reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="obligations",
                        to="matters.assignment",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obligations", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="obligations",
                        to="matters.matter",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="orgs.post",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obligations", to="orgs.unit"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obligations", to="matters.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "应办事宜",
                "ordering": ["due_on", "pk"],
                "indexes": [
                    models.Index(fields=["unit", "state", "due_on"], name="owed_by_unit"),
                    models.Index(fields=["matter", "state"], name="owed_on_matter"),
                    models.Index(
                        condition=models.Q(("state", duban.matters.rules.OwedState["OPEN"])),
                        fields=["due_on"],
                        name="owed_by_day",
                    ),
                    models.Index(
                        condition=models.Q(("state", duban.matters.rules.OwedState["OPEN"])),
                        fields=["jurisdiction", "due_on", "state", "kind", "unit", "plan", "matter"],
                        name="owed_at_an_office",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state", duban.matters.rules.OwedState["OPEN"]), ("subject_id__isnull", False)
                        ),
                        fields=["subject_type", "subject_id"],
                        name="owed_about_a_thing",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("met_on__isnull", False), ("state", duban.matters.rules.OwedState["MET"])),
                            models.Q(
                                models.Q(("state", duban.matters.rules.OwedState["MET"]), _negated=True),
                                ("met_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="obligation_met_with_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("matter__isnull", False),
                            ("state", duban.matters.rules.OwedState["OPEN"]),
                            models.Q(
                                (
                                    "kind__in",
                                    (
                                        duban.matters.rules.Owed["OBSTACLE"],
                                        duban.matters.rules.Owed["DECISION"],
                                        duban.matters.rules.Owed["INSTRUCTION"],
                                        duban.matters.rules.Owed["LETTER"],
                                        duban.matters.rules.Owed["RECTIFY_PLAN"],
                                        duban.matters.rules.Owed["RECTIFIED"],
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        fields=("matter", "unit", "kind", "due_on"),
                        name="matter_owes_a_thing_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    duban.matters.rules.Owed["OBSTACLE"],
                                    duban.matters.rules.Owed["DECISION"],
                                    duban.matters.rules.Owed["INSTRUCTION"],
                                    duban.matters.rules.Owed["LETTER"],
                                    duban.matters.rules.Owed["RECTIFY_PLAN"],
                                    duban.matters.rules.Owed["RECTIFIED"],
                                ),
                            ),
                            ("state", duban.matters.rules.OwedState["OPEN"]),
                        ),
                        fields=("subject_type", "subject_id", "unit", "kind"),
                        name="thing_is_owed_once_by_a_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    (
                                        duban.matters.rules.Owed["OBSTACLE"],
                                        duban.matters.rules.Owed["DECISION"],
                                        duban.matters.rules.Owed["INSTRUCTION"],
                                        duban.matters.rules.Owed["LETTER"],
                                        duban.matters.rules.Owed["RECTIFY_PLAN"],
                                        duban.matters.rules.Owed["RECTIFIED"],
                                    ),
                                ),
                                _negated=True,
                            ),
                            ("subject_id__isnull", False),
                            _connector="OR",
                        ),
                        name="obligation_about_a_thing_names_it",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.matters.rules.Owed["CONTRIBUTION"]),
                            ("matter__isnull", True),
                            ("state", duban.matters.rules.OwedState["OPEN"]),
                        ),
                        fields=("plan", "unit", "due_on"),
                        name="unit_contributes_once_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [duban.matters.rules.Owed["ACKNOWLEDGE"], duban.matters.rules.Owed["CONTACTS"]],
                            ),
                            ("matter__isnull", True),
                            ("state", duban.matters.rules.OwedState["OPEN"]),
                        ),
                        fields=("plan", "unit", "kind"),
                        name="unit_owes_a_thing_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", duban.matters.rules.OwedState["WAIVED"]), ("waived_reason", ""), _connector="OR"
                        ),
                        name="obligation_waived_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", duban.matters.rules.OwedState["OPEN"]), _negated=True),
                            ("ended_at__isnull", True),
                            _connector="OR",
                        ),
                        name="obligation_open_has_not_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        choices=[
                            ("declared_items", "事项总数"),
                            ("report_dates", "报送日期"),
                            ("report_length", "报送字数"),
                            ("contacts_per_unit", "每单位联系人"),
                            ("look_back", "月底回头看"),
                            ("contact", "督查室联系人"),
                        ],
                        max_length=30,
                    ),
                ),
                ("value", models.JSONField()),
                ("sentence", models.TextField(blank=True)),
                ("source_line", models.IntegerField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="settings", to="matters.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "台账设置",
                "constraints": [models.UniqueConstraint(fields=("plan", "key"), name="plan_setting_once")],
            },
        ),
        migrations.CreateModel(
            name="PlanPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_from", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="policies", to="matters.plan"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.policy"
                    ),
                ),
            ],
            options={
                "verbose_name": "台账所用规则",
                "ordering": ["held_from", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.IntegerField(default=0)),
                ("text", models.CharField(max_length=100)),
                ("value", models.DecimalField(decimal_places=4, max_digits=20)),
                ("upper", models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ("unit_of_measure", models.CharField(blank=True, max_length=20)),
                (
                    "sense",
                    models.CharField(
                        choices=[("=", "="), (">", ">"), (">=", ">="), ("<", "<"), ("<=", "<="), ("range", "range")],
                        max_length=6,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=100)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="targets", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "量化目标",
                "ordering": ["order", "pk"],
            },
        ),
    ]
