import django.db.models.deletion
from django.db import migrations, models

import duban.objections.rules.words


class Migration(migrations.Migration):
    replaces = [("objections", "0001_initial"), ("objections", "0002_verifications_and_scores")]

    initial = True

    dependencies = [
        ("bulletins", "0001_tables"),
        ("evaluation", "0001_initial"),
        ("lights", "0001_tables"),
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
        ("visits", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("light", "灯色"),
                            ("citation", "通报条目"),
                            ("verification", "核验结果"),
                            ("score", "考评结果"),
                        ],
                        max_length=12,
                    ),
                ),
                ("about", models.CharField(max_length=120)),
                (
                    "light",
                    models.CharField(
                        blank=True, choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6
                    ),
                ),
                ("told_on", models.DateField()),
                ("last_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("written", "待单位审签"),
                            ("filed", "待受理"),
                            ("accepted", "复核中"),
                            ("declined", "不予受理"),
                            ("decided", "已决定"),
                            ("withdrawn", "已撤回"),
                        ],
                        default=duban.objections.rules.words.ObjectionState["WRITTEN"],
                        max_length=9,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("grounds", models.TextField(verbose_name="理由")),
                ("asked_for", models.TextField(verbose_name="请求")),
                ("written_at", models.DateTimeField()),
                ("written_by_name", models.CharField(max_length=40)),
                ("sent_back_reason", models.CharField(blank=True, max_length=200)),
                ("filed_on", models.DateField(null=True, verbose_name="申请日期")),
                ("filed_at", models.DateTimeField(null=True)),
                ("filed_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="申请人")),
                ("decide_by", models.DateField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by_name", models.CharField(blank=True, max_length=40)),
                ("declined_at", models.DateTimeField(null=True)),
                ("declined_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "declined_as",
                    models.CharField(
                        blank=True,
                        choices=[("out_of_time", "超过申请期限"), ("no_conclusion", "不是对督查结论提出异议")],
                        max_length=13,
                    ),
                ),
                ("declined_reason", models.CharField(blank=True, max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by_name", models.CharField(blank=True, max_length=40)),
                ("reviewer_account_id", models.BigIntegerField(null=True)),
                ("reviewer_name", models.CharField(blank=True, max_length=40)),
                ("reviewer_reason", models.CharField(blank=True, max_length=200)),
                ("appointed_at", models.DateTimeField(null=True)),
                ("appointed_by_name", models.CharField(blank=True, max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_name", models.CharField(blank=True, max_length=40)),
                ("decided_by_account_id", models.BigIntegerField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "支持申请"), ("partly", "部分支持"), ("rejected", "维持原结论")],
                        max_length=8,
                    ),
                ),
                ("reasons", models.TextField(blank=True, verbose_name="决定的理由")),
                ("remedy", models.TextField(blank=True, verbose_name="对原结论的处理")),
                ("number", models.IntegerField(null=True)),
                ("number_year", models.IntegerField(null=True)),
                ("number_text", models.CharField(blank=True, max_length=60)),
                (
                    "citation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="bulletins.citation",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="matters.matter",
                    ),
                ),
                (
                    "override",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="lights.override",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="matters.plan"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="evaluation.scoresheet",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="orgs.unit"
                    ),
                ),
                (
                    "visit_item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="visits.visititem",
                    ),
                ),
            ],
            options={
                "verbose_name": "复核申请",
                "ordering": ["written_at", "pk"],
                "indexes": [
                    models.Index(fields=["jurisdiction", "state"], name="objection_by_state"),
                    models.Index(fields=["unit", "state"], name="objection_of_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("citation__isnull", True), ("sheet__isnull", True), ("visit_item__isnull", True)
                                ),
                                ("matter__isnull", False),
                                ("target", duban.objections.rules.words.Target["LIGHT"]),
                                models.Q(("light", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("override__isnull", True), ("sheet__isnull", True), ("visit_item__isnull", True)
                                ),
                                ("citation__isnull", False),
                                ("light", ""),
                                ("target", duban.objections.rules.words.Target["CITATION"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("citation__isnull", True), ("override__isnull", True), ("sheet__isnull", True)
                                ),
                                ("light", ""),
                                ("matter__isnull", False),
                                ("target", duban.objections.rules.words.Target["VERIFICATION"]),
                                ("visit_item__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("citation__isnull", True),
                                    ("matter__isnull", True),
                                    ("override__isnull", True),
                                    ("visit_item__isnull", True),
                                ),
                                ("light", ""),
                                ("sheet__isnull", False),
                                ("target", duban.objections.rules.words.Target["SCORE"]),
                            ),
                            _connector="OR",
                        ),
                        name="objection_names_its_target",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("citation__isnull", False),
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.objections.rules.words.ObjectionState["DECLINED"],
                                        duban.objections.rules.words.ObjectionState["WITHDRAWN"],
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        fields=("unit", "citation"),
                        name="citation_objected_to_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("visit_item__isnull", False),
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.objections.rules.words.ObjectionState["DECLINED"],
                                        duban.objections.rules.words.ObjectionState["WITHDRAWN"],
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        fields=("unit", "visit_item", "told_on"),
                        name="verification_objected_to_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("sheet__isnull", False),
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.objections.rules.words.ObjectionState["DECLINED"],
                                        duban.objections.rules.words.ObjectionState["WITHDRAWN"],
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        fields=("unit", "sheet"),
                        name="score_objected_to_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("target", duban.objections.rules.words.Target["LIGHT"]),
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.objections.rules.words.ObjectionState["DECLINED"],
                                        duban.objections.rules.words.ObjectionState["WITHDRAWN"],
                                    ),
                                ),
                                _negated=True,
                            ),
                        ),
                        fields=("unit", "matter", "told_on", "light"),
                        name="light_objected_to_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grounds", ""), _negated=True), models.Q(("asked_for", ""), _negated=True)
                        ),
                        name="objection_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("filed_at__isnull", True), ("filed_by_name", "")),
                            models.Q(("filed_at__isnull", False), models.Q(("filed_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="objection_filed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decide_by__isnull", True), ("filed_at__isnull", True), ("filed_on__isnull", True)
                            ),
                            models.Q(
                                ("decide_by__isnull", False), ("filed_at__isnull", False), ("filed_on__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="objection_filed_starts_the_clock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    duban.objections.rules.words.ObjectionState["WRITTEN"],
                                    duban.objections.rules.words.ObjectionState["WITHDRAWN"],
                                ],
                            ),
                            ("filed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="objection_filed_before_the_office",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True),
                                models.Q(("informant", ""), _negated=True),
                                ("filed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="objection_told_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", True), ("accepted_by_name", "")),
                            models.Q(("accepted_at__isnull", False), models.Q(("accepted_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="objection_accepted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("declined_at__isnull", False),
                                ("state", duban.objections.rules.words.ObjectionState["DECLINED"]),
                                models.Q(("declined_as", ""), _negated=True),
                                models.Q(("declined_reason", ""), _negated=True),
                                models.Q(("declined_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state", duban.objections.rules.words.ObjectionState["DECLINED"]), _negated=True
                                ),
                                ("declined_as", ""),
                                ("declined_at__isnull", True),
                                ("declined_by_name", ""),
                                ("declined_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="objection_declined_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.objections.rules.words.ObjectionState["WITHDRAWN"]),
                                ("withdrawn_at__isnull", False),
                                models.Q(("withdrawn_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state", duban.objections.rules.words.ObjectionState["WITHDRAWN"]), _negated=True
                                ),
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="objection_withdrawn_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("appointed_at__isnull", True),
                                    ("appointed_by_name", ""),
                                    ("reviewer_name", ""),
                                    ("reviewer_reason", ""),
                                ),
                                models.Q(
                                    ("appointed_at__isnull", False),
                                    models.Q(("reviewer_name", ""), _negated=True),
                                    models.Q(("reviewer_reason", ""), _negated=True),
                                    models.Q(("appointed_by_name", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("appointed_by_name", ""), ("reviewer_name", "")),
                                models.Q(
                                    models.Q(("reviewer_name", ""), _negated=True),
                                    models.Q(("appointed_by_name", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="objection_reviewer_named_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("appointed_at__isnull", True), ("reviewer_account_id__isnull", True)),
                            models.Q(("appointed_at__isnull", False), ("reviewer_account_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="objection_reviewer_is_an_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted_at__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by_account_id__isnull", False),
                                ("number__gte", 1),
                                ("number_year__isnull", False),
                                (
                                    "outcome__in",
                                    [
                                        duban.objections.rules.words.Outcome["UPHELD"],
                                        duban.objections.rules.words.Outcome["PARTLY"],
                                        duban.objections.rules.words.Outcome["REJECTED"],
                                    ],
                                ),
                                ("state", duban.objections.rules.words.ObjectionState["DECIDED"]),
                                models.Q(("reasons", ""), _negated=True),
                                models.Q(("remedy", ""), _negated=True),
                                models.Q(("decided_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state", duban.objections.rules.words.ObjectionState["DECIDED"]), _negated=True
                                ),
                                ("decided_at__isnull", True),
                                ("decided_by_account_id__isnull", True),
                                ("decided_by_name", ""),
                                ("number__isnull", True),
                                ("number_year__isnull", True),
                                ("outcome", ""),
                                ("reasons", ""),
                                ("remedy", ""),
                            ),
                            _connector="OR",
                        ),
                        name="objection_decided_with_reasons",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("jurisdiction", "number_year", "number"),
                        name="review_number_once",
                    ),
                ],
            },
        ),
    ]
