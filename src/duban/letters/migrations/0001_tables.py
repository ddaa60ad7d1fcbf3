import django.db.models.deletion
from django.db import migrations, models

import duban.letters.rules


class Migration(migrations.Migration):
    replaces = [
        ("letters", "0001_initial"),
        ("letters", "0002_numbers_of_papers"),
        ("letters", "0003_what_is_known_of_a_scan"),
    ]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("remind", "提醒函"), ("urge", "催办函"), ("supervise", "督办函")], max_length=9
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "待办理"),
                            ("presented", "待签发"),
                            ("signed", "待发出"),
                            ("issued", "待答复"),
                            ("answered", "答复待认定"),
                            ("settled", "已办结"),
                            ("dropped", "已作罢"),
                            ("withdrawn", "已撤回"),
                        ],
                        default=duban.letters.rules.LetterState["DRAFTED"],
                        max_length=9,
                    ),
                ),
                ("is_batch", models.BooleanField(default=False)),
                ("is_courtesy", models.BooleanField(default=False)),
                ("is_urgent", models.BooleanField(default=False, verbose_name="紧急")),
                ("is_inviting", models.BooleanField(default=False, verbose_name="商请")),
                ("override_reason", models.CharField(blank=True, max_length=200)),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                ("opening", models.TextField(verbose_name="开头")),
                ("demand", models.TextField(verbose_name="要求")),
                ("version", models.IntegerField(default=1)),
                ("drafted_on", models.DateField()),
                ("drafted_at", models.DateTimeField()),
                ("drafted_by_name", models.CharField(max_length=40)),
                ("presented_at", models.DateTimeField(null=True)),
                ("presented_by_name", models.CharField(blank=True, max_length=40)),
                ("sent_back_reason", models.CharField(blank=True, max_length=200)),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_by_name", models.CharField(blank=True, max_length=40)),
                ("number", models.IntegerField(null=True)),
                ("number_year", models.IntegerField(null=True)),
                ("number_text", models.CharField(blank=True, max_length=60, verbose_name="编号")),
                ("scan_digest", models.CharField(blank=True, max_length=64)),
                ("scan_name", models.CharField(blank=True, max_length=100)),
                ("scan_type", models.CharField(blank=True, max_length=100)),
                ("scan_bytes", models.BigIntegerField(default=0)),
                ("scan_given_digest", models.CharField(blank=True, max_length=64)),
                ("scan_result", models.CharField(blank=True, max_length=11)),
                ("scan_scanner", models.CharField(blank=True, max_length=80)),
                ("issued_on", models.DateField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("issued_by_name", models.CharField(blank=True, max_length=40)),
                ("delivered_on", models.DateField(null=True, verbose_name="送达日期")),
                (
                    "delivery",
                    models.CharField(blank=True, choices=[("system", "系统送达"), ("paper", "纸质送达")], max_length=6),
                ),
                ("delivered_to", models.CharField(blank=True, max_length=40, verbose_name="签收人")),
                ("answer_no", models.IntegerField(default=0)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cured", "已改正"),
                            ("accepted", "答复已认可"),
                            ("escalated", "已改发上一级函件"),
                            ("told", "告知，不需答复"),
                        ],
                        max_length=9,
                    ),
                ),
                ("dropped_at", models.DateTimeField(null=True)),
                ("dropped_by_name", models.CharField(blank=True, max_length=40)),
                ("dropped_reason", models.CharField(blank=True, max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by_name", models.CharField(blank=True, max_length=40)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absorbed",
                        to="letters.letter",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="matters.plan"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件",
                "ordering": ["drafted_at", "pk"],
                "indexes": [
                    models.Index(fields=["jurisdiction", "state"], name="letter_by_state"),
                    models.Index(fields=["unit", "state"], name="letter_of_unit"),
                    models.Index(fields=["plan", "state"], name="letter_of_plan"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("jurisdiction", "kind", "number_year", "number"),
                        name="letter_number_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("number_text", ""), _negated=True),
                        fields=("jurisdiction", "number_text"),
                        name="letter_number_text_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__isnull", True), ("number_year__isnull", True)),
                            models.Q(
                                ("number__gte", 1),
                                ("number_year__isnull", False),
                                models.Q(("number_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="letter_number_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number_text", ""), ("signed_at__isnull", False), _connector="OR"),
                        name="letter_numbered_once_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["signed", "issued", "answered", "settled", "withdrawn"]),
                                ("signed_at__isnull", False),
                                models.Q(("signed_by_name", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["signed", "issued", "answered", "settled", "withdrawn"]),
                                    _negated=True,
                                ),
                                ("signed_at__isnull", True),
                                ("signed_by_name", ""),
                            ),
                            _connector="OR",
                        ),
                        name="letter_signed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        duban.letters.rules.LetterState["ISSUED"],
                                        duban.letters.rules.LetterState["ANSWERED"],
                                        duban.letters.rules.LetterState["SETTLED"],
                                    ),
                                ),
                                _negated=True,
                            ),
                            models.Q(
                                ("issued_at__isnull", False),
                                ("issued_on__isnull", False),
                                models.Q(("number_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="letter_issued_with_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at__isnull", False),
                                ("state", duban.letters.rules.LetterState["SETTLED"]),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.letters.rules.LetterState["SETTLED"]), _negated=True),
                                ("outcome", ""),
                                ("settled_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="letter_settled_with_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.letters.rules.LetterState["DROPPED"]),
                                models.Q(("dropped_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.letters.rules.LetterState["DROPPED"]), _negated=True),
                                ("dropped_at__isnull", True),
                                ("dropped_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="letter_dropped_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", duban.letters.rules.LetterState["WITHDRAWN"]),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.letters.rules.LetterState["WITHDRAWN"]), _negated=True),
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="letter_withdrawn_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delivered_on__isnull", True), ("delivery", "")),
                            models.Q(("delivered_on__isnull", False), models.Q(("delivery", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="letter_delivered_somehow",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("answered_on", models.DateField()),
                ("answered_at", models.DateTimeField()),
                ("answered_by_name", models.CharField(max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="答复人")),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by_name", models.CharField(blank=True, max_length=40)),
                ("returned_at", models.DateTimeField(null=True)),
                ("returned_by_name", models.CharField(blank=True, max_length=40)),
                ("returned_reason", models.CharField(blank=True, max_length=200)),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="letters.letter"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件答复",
                "ordering": ["letter", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("letter", "number"), name="letter_answer_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True), models.Q(("informant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="letter_answer_told_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at__isnull", True), ("returned_by_name", ""), ("returned_reason", "")),
                            models.Q(
                                ("returned_at__isnull", False),
                                models.Q(("returned_by_name", ""), _negated=True),
                                models.Q(("returned_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="letter_answer_returned_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", True), ("accepted_by_name", "")),
                            models.Q(("accepted_at__isnull", False), models.Q(("accepted_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="letter_answer_accepted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", True), ("returned_at__isnull", True), _connector="OR"
                        ),
                        name="letter_answer_decided_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="答复")),
                ("new_on", models.DateField(null=True, verbose_name="新的完成时间")),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="letters.letteranswer"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件答复内容",
                "ordering": ["matter__order", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("answer", "matter"), name="matter_once_in_an_answer"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="letter_answer_says_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("yellow", "新转黄灯"),
                            ("courtesy", "报送临近"),
                            ("overdue", "到期未完成"),
                            ("uncured", "提醒后未改正"),
                            ("returned", "多次退回"),
                            ("red", "红灯"),
                            ("unanswered", "催办后未答复"),
                            ("hand", "督查室指定"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=80, null=True, unique=True)),
                ("root", models.CharField(blank=True, max_length=80)),
                ("figures", models.JSONField(default=dict)),
                ("words", models.TextField(verbose_name="事由")),
                ("is_scored", models.BooleanField(default=True)),
                ("removed_reason", models.CharField(blank=True, max_length=200)),
                ("cured_on", models.DateField(null=True)),
                ("escalated_on", models.DateField(null=True)),
                (
                    "follows",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="letters.letteritem",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="letters.letter"
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter_items", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件中的事项",
                "ordering": ["matter__order", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="letter_item_says_why"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("capacity", models.CharField(max_length=60)),
                ("is_copy", models.BooleanField(default=False, verbose_name="抄送")),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipts", to="letters.letter"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter_receipts", to="orgs.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "函件收件人",
                "ordering": ["is_copy", "pk"],
                "constraints": [models.UniqueConstraint(fields=("letter", "person"), name="letter_received_once")],
            },
        ),
    ]
