import django.db.models.deletion
from django.db import migrations, models

import duban.bulletins.rules.words


class Migration(migrations.Migration):
    replaces = [("bulletins", "0001_initial"), ("bulletins", "0002_citation_withdrawn")]

    initial = True

    dependencies = [
        ("lights", "0001_tables"),
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("regular", "定期通报"), ("special", "专题通报")], max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "拟稿"),
                            ("correcting", "单位核对"),
                            ("presented", "待批准"),
                            ("approved", "待印发"),
                            ("issued", "已印发"),
                            ("dropped", "已作罢"),
                        ],
                        default=duban.bulletins.rules.words.BulletinState["DRAFTED"],
                        max_length=10,
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=20, verbose_name="领域")),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                ("opening", models.TextField(verbose_name="开头")),
                ("version", models.IntegerField(default=1)),
                ("drafted_on", models.DateField()),
                ("drafted_at", models.DateTimeField()),
                ("drafted_by_name", models.CharField(max_length=40)),
                ("shown_at", models.DateTimeField(null=True)),
                ("shown_by_name", models.CharField(blank=True, max_length=40)),
                ("presented_at", models.DateTimeField(null=True)),
                ("presented_by_name", models.CharField(blank=True, max_length=40)),
                ("frozen", models.JSONField(null=True)),
                ("sent_back_reason", models.CharField(blank=True, max_length=200)),
                ("facts_approved_at", models.DateTimeField(null=True)),
                ("facts_approved_by_name", models.CharField(blank=True, max_length=40)),
                ("judgement_approved_at", models.DateTimeField(null=True)),
                ("judgement_approved_by_name", models.CharField(blank=True, max_length=40)),
                ("number", models.IntegerField(null=True)),
                ("number_year", models.IntegerField(null=True)),
                ("total_number", models.IntegerField(null=True)),
                (
                    "audience",
                    models.CharField(
                        blank=True, choices=[("all", "全体单位和领导"), ("named", "指定的单位和领导")], max_length=5
                    ),
                ),
                ("issued_on", models.DateField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("issued_by_name", models.CharField(blank=True, max_length=40)),
                ("dropped_at", models.DateTimeField(null=True)),
                ("dropped_by_name", models.CharField(blank=True, max_length=40)),
                ("dropped_reason", models.CharField(blank=True, max_length=200)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulletins", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulletins", to="matters.plan"
                    ),
                ),
                (
                    "since",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lights.snapshot"
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulletins", to="lights.snapshot"
                    ),
                ),
            ],
            options={
                "verbose_name": "通报",
                "ordering": ["drafted_at", "pk"],
                "indexes": [models.Index(fields=["jurisdiction", "state"], name="bulletin_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("jurisdiction", "number_year", "number"),
                        name="bulletin_number_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("total_number__isnull", False)),
                        fields=("jurisdiction", "total_number"),
                        name="bulletin_total_number_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.bulletins.rules.words.BulletinKind["REGULAR"]),
                            models.Q(("state", duban.bulletins.rules.words.BulletinState["DROPPED"]), _negated=True),
                        ),
                        fields=("snapshot",),
                        name="bulletin_once_a_snapshot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "audience__in",
                                    [
                                        duban.bulletins.rules.words.Audience["ALL"],
                                        duban.bulletins.rules.words.Audience["NAMED"],
                                    ],
                                ),
                                ("issued_at__isnull", False),
                                ("issued_on__isnull", False),
                                ("number__gte", 1),
                                ("number_year__isnull", False),
                                ("state", duban.bulletins.rules.words.BulletinState["ISSUED"]),
                                ("total_number__gte", 1),
                            ),
                            models.Q(
                                models.Q(("state", duban.bulletins.rules.words.BulletinState["ISSUED"]), _negated=True),
                                ("number__isnull", True),
                                ("number_year__isnull", True),
                                ("total_number__isnull", True),
                                ("audience", ""),
                                ("issued_at__isnull", True),
                                ("issued_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_issued_with_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("frozen__isnull", False),
                                ("presented_at__isnull", False),
                                (
                                    "state__in",
                                    (
                                        duban.bulletins.rules.words.BulletinState["PRESENTED"],
                                        duban.bulletins.rules.words.BulletinState["APPROVED"],
                                        duban.bulletins.rules.words.BulletinState["ISSUED"],
                                    ),
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        (
                                            duban.bulletins.rules.words.BulletinState["PRESENTED"],
                                            duban.bulletins.rules.words.BulletinState["APPROVED"],
                                            duban.bulletins.rules.words.BulletinState["ISSUED"],
                                        ),
                                    ),
                                    _negated=True,
                                ),
                                ("frozen__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_frozen_once_presented",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        duban.bulletins.rules.words.BulletinState["APPROVED"],
                                        duban.bulletins.rules.words.BulletinState["ISSUED"],
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("facts_approved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="bulletin_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("facts_approved_at__isnull", True), ("facts_approved_by_name", "")),
                            models.Q(
                                ("facts_approved_at__isnull", False),
                                models.Q(("facts_approved_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_facts_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judgement_approved_at__isnull", True), ("judgement_approved_by_name", "")),
                            models.Q(
                                ("judgement_approved_at__isnull", False),
                                models.Q(("judgement_approved_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_judgement_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("dropped_at__isnull", False),
                                ("state", duban.bulletins.rules.words.BulletinState["DROPPED"]),
                                models.Q(("dropped_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state", duban.bulletins.rules.words.BulletinState["DROPPED"]), _negated=True
                                ),
                                ("dropped_at__isnull", True),
                                ("dropped_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_dropped_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulletinReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="bulletins.bulletin"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.post"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "通报的阅读对象",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("unit__isnull", False)),
                        fields=("bulletin", "unit"),
                        name="unit_reads_a_bulletin_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("post__isnull", False)),
                        fields=("bulletin", "post"),
                        name="post_reads_a_bulletin_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("post__isnull", True), ("unit__isnull", False)),
                            models.Q(("post__isnull", False), ("unit__isnull", True)),
                            _connector="OR",
                        ),
                        name="bulletin_reader_is_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulletinReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("capacity", models.CharField(max_length=120)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipts", to="bulletins.bulletin"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulletin_receipts", to="orgs.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "通报收件人",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("bulletin", "person"), name="bulletin_received_once")],
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "section",
                    models.CharField(
                        choices=[
                            ("criticism", "进展缓慢事项"),
                            ("praise", "进展较好事项"),
                            ("late_report", "迟报漏报情况"),
                        ],
                        max_length=11,
                    ),
                ),
                ("figures", models.JSONField(default=dict)),
                ("facts", models.TextField(verbose_name="事实")),
                ("cause", models.CharField(blank=True, max_length=20, verbose_name="原因")),
                ("cause_note", models.TextField(blank=True, verbose_name="原因说明")),
                ("cause_from", models.CharField(blank=True, max_length=60)),
                ("next_step", models.TextField(blank=True, verbose_name="下一步")),
                ("next_from", models.CharField(blank=True, max_length=60)),
                ("added_reason", models.CharField(blank=True, max_length=200)),
                ("left_out_reason", models.CharField(blank=True, max_length=200)),
                ("left_out_by_name", models.CharField(blank=True, max_length=40)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by_name", models.CharField(blank=True, max_length=40)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="citations", to="bulletins.bulletin"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citations",
                        to="matters.matter",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="citations", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "通报条目",
                "ordering": ["matter__order", "pk"],
                "indexes": [models.Index(fields=["unit", "bulletin"], name="citation_of_unit")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("matter__isnull", False)),
                        fields=("bulletin", "matter", "unit"),
                        name="matter_of_a_unit_once_in_a_bulletin",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("matter__isnull", True)),
                        fields=("bulletin", "unit"),
                        name="late_reports_of_a_unit_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("matter__isnull", False),
                                (
                                    "section__in",
                                    (
                                        duban.bulletins.rules.words.Section["CRITICISM"],
                                        duban.bulletins.rules.words.Section["PRAISE"],
                                    ),
                                ),
                            ),
                            models.Q(
                                ("matter__isnull", True),
                                ("section", duban.bulletins.rules.words.Section["LATE_REPORT"]),
                            ),
                            _connector="OR",
                        ),
                        name="citation_names_its_matter",
                    ),
                    models.CheckConstraint(condition=models.Q(("facts", ""), _negated=True), name="citation_says_what"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_out_by_name", ""), ("left_out_reason", "")),
                            models.Q(
                                models.Q(("left_out_reason", ""), _negated=True),
                                models.Q(("left_out_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="citation_left_out_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True), ("withdrawn_by_name", ""), ("withdrawn_reason", "")
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                models.Q(("withdrawn_by_name", ""), _negated=True),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="citation_withdrawn_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True), ("left_out_reason", ""), _connector="OR"),
                        name="citation_withdrawn_was_published",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("text", models.TextField(verbose_name="更正")),
                ("before", models.TextField()),
                ("written_at", models.DateTimeField()),
                ("written_by_name", models.CharField(max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="更正人")),
                ("after", models.TextField(blank=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                ("declined_reason", models.CharField(blank=True, max_length=200)),
                ("decided_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "citation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="bulletins.citation"
                    ),
                ),
            ],
            options={
                "verbose_name": "事实更正",
                "ordering": ["citation", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("citation", "number"), name="correction_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("declined_at__isnull", True)),
                        fields=("citation",),
                        name="one_correction_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="correction_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", True), ("after", "")),
                            models.Q(("accepted_at__isnull", False), models.Q(("after", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="correction_accepted_with_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("declined_at__isnull", True), ("declined_reason", "")),
                            models.Q(("declined_at__isnull", False), models.Q(("declined_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="correction_declined_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", True), ("declined_at__isnull", True), _connector="OR"
                        ),
                        name="correction_decided_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="correction_told_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round_no", models.IntegerField(default=1)),
                ("shown_on", models.DateField()),
                ("until", models.DateField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="核对人")),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="bulletins.bulletin"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulletin_checks", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "单位核对",
                "ordering": ["unit__order", "unit_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("bulletin", "unit"), name="unit_checks_a_bulletin_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by_name", "")),
                            models.Q(("answered_at__isnull", False), models.Q(("answered_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="check_answered_by_somebody",
                    ),
                ],
            },
        ),
    ]
