import django.db.models.deletion
from django.db import migrations, models

import duban.progress.rules


class Migration(migrations.Migration):
    replaces = [("progress", "0001_initial"), ("progress", "0002_schedule"), ("progress", "0003_latest_entries")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(verbose_name="截至")),
                ("pct", models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name="完成百分比")),
                ("sentence", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "forecast",
                    models.CharField(
                        blank=True,
                        choices=[("on_time", "能按期"), ("strained", "有困难但可完成"), ("unlikely", "难以按期完成")],
                        max_length=10,
                        verbose_name="自我预判",
                    ),
                ),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="填报人")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by_name", models.CharField(max_length=40)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="progress", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="progress", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "进展",
                "ordering": ["effective_on", "pk"],
                "indexes": [
                    models.Index(fields=["matter", "unit", "effective_on"], name="progress_in_time"),
                    models.Index(fields=["matter", "effective_on", "id"], name="progress_latest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pct__isnull", True), models.Q(("pct__gte", 0), ("pct__lte", 100)), _connector="OR"
                        ),
                        name="progress_pct",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pct__isnull", False),
                            models.Q(("sentence", ""), _negated=True),
                            models.Q(("forecast", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="progress_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="progress_told_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LookBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="月份")),
                ("done", models.CharField(blank=True, max_length=60, verbose_name="进展")),
                ("problem", models.CharField(blank=True, max_length=60, verbose_name="问题")),
                ("next_step", models.CharField(blank=True, max_length=60, verbose_name="下一步")),
                ("is_nothing_new", models.BooleanField(default=False, verbose_name="无新进展")),
                ("version", models.IntegerField(default=1)),
                ("written_at", models.DateTimeField()),
                ("written_by_name", models.CharField(max_length=40)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="look_backs", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="look_backs", to="orgs.unit"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="look_backs",
                        to="progress.progress",
                    ),
                ),
            ],
            options={
                "verbose_name": "回头看",
                "ordering": ["month", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "matter", "month"), name="look_back_once_a_month"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_nothing_new", False),
                            models.Q(("done", ""), ("entry__isnull", True), ("next_step", ""), ("problem", "")),
                            _connector="OR",
                        ),
                        name="nothing_new_says_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Figure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target_text", models.CharField(max_length=100)),
                ("unit_of_measure", models.CharField(blank=True, max_length=20)),
                ("value", models.DecimalField(decimal_places=4, max_digits=20)),
                ("share_pct", models.DecimalField(decimal_places=2, max_digits=5)),
                (
                    "target",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="figures",
                        to="matters.target",
                    ),
                ),
                (
                    "progress",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="figures", to="progress.progress"
                    ),
                ),
            ],
            options={
                "verbose_name": "进展数字",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("progress", "target"), name="figure_once_a_target")],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "待核定"), ("accepted", "已同意"), ("returned", "已退回")],
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("nodes", models.JSONField(verbose_name="节点")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("reasons", models.CharField(blank=True, max_length=300, verbose_name="退回理由")),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="报送人")),
                ("version", models.IntegerField(default=1)),
                ("proposed_at", models.DateTimeField()),
                ("proposed_by_name", models.CharField(max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schedules", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schedules", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "进度安排",
                "ordering": ["matter", "version"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", duban.progress.rules.ScheduleState["PROPOSED"])),
                        fields=("matter",),
                        name="schedule_proposed_once",
                    ),
                    models.UniqueConstraint(fields=("matter", "version"), name="schedule_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by_name", ""),
                                ("state", duban.progress.rules.ScheduleState["PROPOSED"]),
                            ),
                            models.Q(
                                models.Q(("state", duban.progress.rules.ScheduleState["PROPOSED"]), _negated=True),
                                ("decided_at__isnull", False),
                                models.Q(("decided_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="schedule_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.progress.rules.ScheduleState["RETURNED"]),
                                models.Q(("reasons", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.progress.rules.ScheduleState["RETURNED"]), _negated=True),
                                ("reasons", ""),
                            ),
                            _connector="OR",
                        ),
                        name="schedule_returned_with_reasons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="schedule_told_by_somebody",
                    ),
                ],
            },
        ),
    ]
