import django.db.models.deletion
from django.db import migrations, models

import duban.obstacles.rules


class Migration(migrations.Migration):
    replaces = [("obstacles", "0001_initial"), ("obstacles", "0002_meetings")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60, verbose_name="会议名称")),
                ("starts_at", models.DateTimeField(verbose_name="时间")),
                ("place", models.CharField(max_length=60, verbose_name="地点")),
                (
                    "state",
                    models.CharField(
                        choices=[("called", "待召开"), ("held", "已召开"), ("cancelled", "已取消")],
                        default=duban.obstacles.rules.MeetingState["CALLED"],
                        max_length=10,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("called_at", models.DateTimeField()),
                ("called_by_name", models.CharField(max_length=40)),
                ("held_at", models.DateTimeField(null=True)),
                ("held_by_name", models.CharField(blank=True, max_length=40)),
                ("cancelled_reason", models.CharField(blank=True, max_length=200)),
                (
                    "chair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meetings_chaired", to="orgs.post"
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="matters.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "调度会",
                "ordering": ["starts_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.obstacles.rules.MeetingState["HELD"]),
                                ("held_at__isnull", False),
                                models.Q(("held_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.obstacles.rules.MeetingState["HELD"]), _negated=True),
                                ("held_at__isnull", True),
                                ("held_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="meeting_held_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.obstacles.rules.MeetingState["CANCELLED"]),
                                models.Q(("cancelled_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.obstacles.rules.MeetingState["CANCELLED"]), _negated=True),
                                ("cancelled_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="meeting_cancelled_with_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", duban.obstacles.rules.MeetingState["CANCELLED"]), _negated=True),
                        fields=("jurisdiction", "title", "starts_at"),
                        name="meeting_called_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Obstacle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("problem", models.CharField(max_length=100, verbose_name="问题")),
                ("need", models.CharField(max_length=100, verbose_name="需要谁做什么")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待答复"), ("answered", "已答复"), ("closed", "已销结")],
                        default=duban.obstacles.rules.ObstacleState["OPEN"],
                        max_length=8,
                    ),
                ),
                ("round_no", models.IntegerField(default=1)),
                ("raised_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=40)),
                ("closing_note", models.CharField(blank=True, max_length=200)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obstacles", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obstacles", to="matters.matter"
                    ),
                ),
                (
                    "to_post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles_put_to",
                        to="orgs.post",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles_put_to",
                        to="orgs.unit",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="obstacles", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "困难问题",
                "ordering": ["raised_at", "pk"],
                "indexes": [
                    models.Index(fields=["matter", "state"], name="obstacle_on_matter"),
                    models.Index(fields=["jurisdiction", "state"], name="obstacle_by_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("to_post__isnull", True), ("to_unit__isnull", False)),
                            models.Q(("to_post__isnull", False), ("to_unit__isnull", True)),
                            _connector="OR",
                        ),
                        name="obstacle_put_to_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.obstacles.rules.ObstacleState["CLOSED"]),
                                ("closed_at__isnull", False),
                                models.Q(("closed_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.obstacles.rules.ObstacleState["CLOSED"]), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by_name", ""),
                                ("closing_note", ""),
                            ),
                            _connector="OR",
                        ),
                        name="obstacle_closed_with_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", duban.obstacles.rules.ObstacleState["CLOSED"]), _negated=True),
                        fields=("matter", "unit", "problem", "need"),
                        name="obstacle_raised_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.IntegerField()),
                ("title", models.CharField(blank=True, max_length=100, verbose_name="议题")),
                ("decision", models.CharField(blank=True, max_length=300, verbose_name="议定事项")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="obstacles.meeting"
                    ),
                ),
                (
                    "obstacle",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda_items",
                        to="obstacles.obstacle",
                    ),
                ),
            ],
            options={
                "verbose_name": "议题",
                "ordering": ["meeting", "order"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "order"), name="agenda_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("obstacle__isnull", False)),
                        fields=("meeting", "obstacle"),
                        name="obstacle_once_on_an_agenda",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("obstacle__isnull", False), ("title", "")),
                            models.Q(("obstacle__isnull", True), models.Q(("title", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="agenda_item_is_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待落实"), ("done", "已报落实，待核"), ("accepted", "已落实")],
                        default=duban.obstacles.rules.DecisionState["OPEN"],
                        max_length=8,
                    ),
                ),
                ("reply_no", models.IntegerField(default=1)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="obstacles.agendaitem"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "议定事项",
                "ordering": ["item", "pk"],
                "indexes": [models.Index(fields=["unit", "state"], name="decision_of_unit")],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "unit"), name="unit_answers_once_for_an_item"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.obstacles.rules.DecisionState["ACCEPTED"]),
                                ("accepted_at__isnull", False),
                                models.Q(("accepted_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.obstacles.rules.DecisionState["ACCEPTED"]), _negated=True),
                                ("accepted_at__isnull", True),
                                ("accepted_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="decision_accepted_with_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("returned", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_name", models.CharField(max_length=40)),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="落实情况")),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40)),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="obstacles.decision"
                    ),
                ),
            ],
            options={
                "verbose_name": "议定事项落实情况",
                "ordering": ["decision", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("decision", "number"), name="decision_reply_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by_name", ""), ("text", "")),
                            models.Q(
                                models.Q(("text", ""), _negated=True),
                                ("answered_at__isnull", False),
                                models.Q(("answered_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decision_reply_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="decision_reply_told_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("raised", "提出"),
                            ("unsolved", "未解决，再次提出"),
                            ("escalated", "提请领导协调"),
                            ("overdue", "逾期未答复，转请领导协调"),
                            ("meeting", "提交调度会"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_name", models.CharField(max_length=40)),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="答复")),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40)),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="obstacles.agendaitem",
                    ),
                ),
                (
                    "obstacle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="obstacles.obstacle"
                    ),
                ),
                (
                    "to_post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds_put_to",
                        to="orgs.post",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds_put_to",
                        to="orgs.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "困难问题的一问一答",
                "ordering": ["obstacle", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("obstacle", "number"), name="round_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("to_post__isnull", True), ("to_unit__isnull", False)),
                            models.Q(("to_post__isnull", False), ("to_unit__isnull", True)),
                            models.Q(
                                ("cause", duban.obstacles.rules.Cause["MEETING"]),
                                ("to_post__isnull", True),
                                ("to_unit__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="round_put_to_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", duban.obstacles.rules.Cause["MEETING"]), ("item__isnull", False)),
                            models.Q(
                                models.Q(("cause", duban.obstacles.rules.Cause["MEETING"]), _negated=True),
                                ("item__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="round_of_a_meeting_names_its_item",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by_name", "")),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                models.Q(("answered_by_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="round_answered_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="round_told_by_somebody",
                    ),
                ],
            },
        ),
    ]
