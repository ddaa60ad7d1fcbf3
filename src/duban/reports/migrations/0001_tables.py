import django.db.models.deletion
from django.db import migrations, models

import duban.reports.rules


class Migration(migrations.Migration):
    replaces = [("reports", "0001_initial"), ("reports", "0002_reports_to_look_at"), ("reports", "0003_hollow_marks")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("report_day", models.DateField(verbose_name="报送日期")),
                ("text", models.TextField(blank=True, verbose_name="报告")),
                ("chars", models.IntegerField(default=0, verbose_name="字数")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "编写中"),
                            ("submitted", "待审签"),
                            ("sent_back", "单位内退改"),
                            ("sent", "已报"),
                            ("returned", "退回"),
                            ("accepted", "已采用"),
                        ],
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("reason_outside", models.CharField(blank=True, max_length=200)),
                ("exception_reason", models.CharField(blank=True, max_length=200)),
                ("basis", models.JSONField(default=list)),
                ("version", models.IntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                ("saved_by_name", models.CharField(max_length=40)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("submitted_by_name", models.CharField(blank=True, max_length=40)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_by_name", models.CharField(blank=True, max_length=40)),
                ("sent_on", models.DateField(null=True)),
                ("first_sent_on", models.DateField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by_name", models.CharField(blank=True, max_length=40)),
                ("returned_at", models.DateTimeField(null=True)),
                ("returned_by_name", models.CharField(blank=True, max_length=40)),
                ("remark", models.CharField(blank=True, max_length=200)),
                ("returns", models.IntegerField(default=0, verbose_name="退回次数")),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="报送人")),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "报告",
                "ordering": ["report_day", "pk"],
                "indexes": [
                    models.Index(fields=["report_day", "state"], name="report_by_day"),
                    models.Index(fields=["unit", "state"], name="report_by_unit"),
                    models.Index(
                        condition=models.Q(("state", duban.reports.rules.ReportState["SENT"])),
                        fields=["report_day", "matter", "state", "sent_on"],
                        name="report_to_be_looked_at",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "unit", "report_day"), name="report_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.reports.rules.ReportState["SENT"],
                                        duban.reports.rules.ReportState["ACCEPTED"],
                                    ),
                                ),
                                _negated=True,
                            ),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("first_sent_on__isnull", False),
                                ("sent_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="report_sent_with_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", duban.reports.rules.ReportState["SUBMITTED"]), _negated=True),
                            ("submitted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="report_submitted_with_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.reports.rules.ReportState["ACCEPTED"]),
                                ("accepted_at__isnull", False),
                                models.Q(("accepted_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.reports.rules.ReportState["ACCEPTED"]), _negated=True),
                                ("accepted_at__isnull", True),
                                ("accepted_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="report_accepted_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        duban.reports.rules.ReportState["SENT_BACK"],
                                        duban.reports.rules.ReportState["RETURNED"],
                                    ],
                                ),
                                _negated=True,
                            ),
                            models.Q(("remark", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="report_returned_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="report_told_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HollowMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200)),
                ("marked_at", models.DateTimeField()),
                ("marked_by_name", models.CharField(max_length=40)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by_name", models.CharField(blank=True, max_length=40)),
                ("lifted_reason", models.CharField(blank=True, max_length=200)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hollow_marks", to="reports.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "内容空泛",
                "ordering": ["marked_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("report",),
                        name="report_is_marked_hollow_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="hollow_mark_with_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by_name", ""), ("lifted_reason", "")),
                            models.Q(
                                ("lifted_at__isnull", False),
                                models.Q(("lifted_by_name", ""), _negated=True),
                                models.Q(("lifted_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hollow_mark_lifted_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("text", models.TextField()),
                ("chars", models.IntegerField()),
                ("reason_outside", models.CharField(blank=True, max_length=200)),
                ("written_at", models.DateTimeField()),
                ("written_by_name", models.CharField(max_length=40)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="reports.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "报告文稿",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="report_version_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("report_day", models.DateField(verbose_name="报送日期")),
                ("text", models.TextField(blank=True, verbose_name="协办情况")),
                ("is_nothing_new", models.BooleanField(default=False, verbose_name="无补充")),
                ("version", models.IntegerField(default=1)),
                ("given_at", models.DateTimeField(null=True)),
                ("given_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="报送人")),
                ("missing_at", models.DateTimeField(null=True)),
                ("missing_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "协办情况",
                "ordering": ["report_day", "pk"],
                "indexes": [models.Index(fields=["unit", "report_day"], name="contribution_by_unit")],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "unit", "report_day"), name="contribution_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at__isnull", True), ("is_nothing_new", False), ("text", "")),
                            models.Q(("given_at__isnull", False), ("is_nothing_new", True), ("text", "")),
                            models.Q(
                                ("given_at__isnull", False),
                                ("is_nothing_new", False),
                                models.Q(("text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="contribution_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("given_at__isnull", False), ("missing_at__isnull", False), _connector="OR"),
                        name="contribution_given_or_missing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="contribution_told_by_somebody",
                    ),
                ],
            },
        ),
    ]
