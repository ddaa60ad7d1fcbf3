import django.db.models.deletion
from django.db import migrations, models

import duban.closing.rules


class Migration(migrations.Migration):
    replaces = [("closing", "0001_initial"), ("closing", "0002_closure_by_state")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt", models.IntegerField(verbose_name="次数")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "待主要负责人审签"),
                            ("sent_back", "已退回修改"),
                            ("asked", "待领导签批"),
                            ("agreed", "待核验"),
                            ("verified", "待审定"),
                            ("granted", "已销号"),
                            ("returned", "已退回"),
                        ],
                        max_length=9,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("statement", models.TextField(blank=True, verbose_name="完成情况")),
                ("prepared_at", models.DateTimeField(null=True)),
                ("prepared_by_name", models.CharField(blank=True, max_length=40)),
                ("sent_back_at", models.DateTimeField(null=True)),
                ("sent_back_by_name", models.CharField(blank=True, max_length=40)),
                ("sent_back_reasons", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("asked_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("signer", models.CharField(blank=True, max_length=40)),
                ("lot_seed", models.CharField(blank=True, max_length=80)),
                ("lot", models.IntegerField(null=True)),
                ("on_site", models.JSONField(default=list)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("agreed_by_name", models.CharField(blank=True, max_length=40)),
                (
                    "agreed_channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("agreed_for_name", models.CharField(blank=True, max_length=40)),
                ("opinion", models.TextField(blank=True, verbose_name="签批意见")),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("documents", "材料核验"), ("on_site", "现场核验")],
                        max_length=9,
                        verbose_name="核验方式",
                    ),
                ),
                ("findings", models.TextField(blank=True, verbose_name="核验情况")),
                ("verified_on", models.DateField(null=True, verbose_name="核验日期")),
                ("verifiers", models.CharField(blank=True, max_length=60, verbose_name="核验人")),
                ("verified_at", models.DateTimeField(null=True)),
                ("verified_by_name", models.CharField(blank=True, max_length=40)),
                ("grade", models.CharField(blank=True, max_length=20, verbose_name="等次")),
                ("conclusion", models.TextField(blank=True, verbose_name="核验结论")),
                ("despite", models.JSONField(default=dict)),
                ("granted_at", models.DateTimeField(null=True)),
                ("granted_by_name", models.CharField(blank=True, max_length=40)),
                ("returned_at", models.DateTimeField(null=True)),
                ("returned_by_name", models.CharField(blank=True, max_length=40)),
                ("return_reasons", models.TextField(blank=True)),
                ("is_overseers_return", models.BooleanField(default=False)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closures", to="matters.matter"
                    ),
                ),
                (
                    "overseer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures_to_sign",
                        to="orgs.post",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closures", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "销号申请",
                "ordering": ["matter", "attempt"],
                "indexes": [models.Index(fields=["state", "asked_at"], name="closure_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "attempt"), name="closure_attempt_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    duban.closing.rules.ClosureState["PREPARED"],
                                    duban.closing.rules.ClosureState["SENT_BACK"],
                                    duban.closing.rules.ClosureState["ASKED"],
                                    duban.closing.rules.ClosureState["AGREED"],
                                    duban.closing.rules.ClosureState["VERIFIED"],
                                ),
                            )
                        ),
                        fields=("matter",),
                        name="closure_one_at_a_time_on_a_matter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at__isnull", True), ("state__in", ("prepared", "sent_back"))),
                            models.Q(
                                models.Q(("state__in", ("prepared", "sent_back")), _negated=True),
                                ("asked_at__isnull", False),
                                ("lot__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="closure_asked_with_lot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("verified", "granted")), _negated=True),
                            models.Q(
                                ("verified_at__isnull", False),
                                ("verified_on__isnull", False),
                                models.Q(("method", ""), _negated=True),
                                models.Q(("findings", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="closure_verified_with_findings",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("granted_at__isnull", False), ("state", "granted")),
                            models.Q(models.Q(("state", "granted"), _negated=True), ("granted_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="closure_granted_with_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("returned_at__isnull", False),
                                ("state", "returned"),
                                models.Q(("return_reasons", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "returned"), _negated=True),
                                ("return_reasons", ""),
                                ("returned_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="closure_returned_with_reasons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("signer", "")),
                            models.Q(models.Q(("channel", ""), _negated=True), models.Q(("signer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="closure_signed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosureItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.IntegerField()),
                ("key", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("clause", "任务要求"),
                            ("target", "量化目标"),
                            ("milestone", "时间节点"),
                            ("work_item", "工作子项"),
                        ],
                        max_length=9,
                    ),
                ),
                ("text", models.TextField()),
                ("facts", models.CharField(blank=True, max_length=200)),
                ("is_done", models.BooleanField(default=False)),
                ("how", models.CharField(blank=True, max_length=100)),
                ("is_true", models.BooleanField(null=True, verbose_name="属实")),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="closing.closure"
                    ),
                ),
            ],
            options={
                "verbose_name": "销号清单",
                "ordering": ["order", "pk"],
                "constraints": [models.UniqueConstraint(fields=("closure", "key"), name="closure_item_once")],
            },
        ),
    ]
