import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import duban.outbox.rules


class Migration(migrations.Migration):
    replaces = [
        ("outbox", "0001_initial"),
        ("outbox", "0002_bulletins"),
        ("outbox", "0003_judging_the_year"),
        ("outbox", "0004_archives"),
    ]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "邮件"),
                            ("sms", "短信网关"),
                            ("wecom", "企业微信群机器人"),
                            ("dingtalk", "钉钉群机器人"),
                            ("feishu", "飞书群机器人"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_enabled", models.BooleanField(default=False, verbose_name="启用")),
                ("settings", models.JSONField(default=dict)),
                ("secret_ref", models.CharField(blank=True, max_length=32)),
                ("hint", models.CharField(blank=True, max_length=200)),
                ("version", models.IntegerField(default=1)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("retry_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                ("last_sent_at", models.DateTimeField(null=True)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="channels", to="orgs.jurisdiction"
                    ),
                ),
            ],
            options={
                "verbose_name": "发送渠道",
                "constraints": [models.UniqueConstraint(fields=("jurisdiction", "kind"), name="channel_once_a_place")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reminder", "提醒"),
                            ("letter", "函件"),
                            ("bulletin", "通报"),
                            ("interview", "约谈"),
                            ("visit", "核验"),
                            ("objection", "复核"),
                            ("evaluation", "考评"),
                            ("archive", "归档"),
                            ("operations", "运行"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField(blank=True)),
                ("link", models.CharField(blank=True, max_length=200)),
                ("count", models.PositiveIntegerField(default=1)),
                ("dedupe_key", models.CharField(max_length=160, unique=True)),
                ("not_before", models.DateTimeField(null=True)),
                ("posted_at", models.DateTimeField()),
                ("posted_by_name", models.CharField(max_length=40)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="orgs.jurisdiction",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="orgs.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息",
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["person"], name="message_unread_person"
                    ),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["account"], name="message_unread_account"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", True), ("person__isnull", False)),
                            models.Q(("account__isnull", False), ("person__isnull", True)),
                            _connector="OR",
                        ),
                        name="message_to_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待发"),
                            ("sending", "正在发"),
                            ("sent", "已发"),
                            ("unknown", "不明"),
                            ("dead", "未发出"),
                            ("dropped", "作罢"),
                        ],
                        default=duban.outbox.rules.DeliveryState["PENDING"],
                        max_length=8,
                    ),
                ),
                ("not_before", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("token", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(null=True)),
                ("address", models.CharField(blank=True, max_length=120)),
                ("words", models.CharField(blank=True, max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="outbox.channel"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="outbox.message"
                    ),
                ),
            ],
            options={
                "verbose_name": "发送",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    duban.outbox.rules.DeliveryState["PENDING"],
                                    duban.outbox.rules.DeliveryState["SENDING"],
                                ],
                            )
                        ),
                        fields=["channel", "not_before"],
                        name="delivery_open",
                    ),
                    models.Index(fields=["channel", "state"], name="delivery_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "channel"), name="delivery_once_a_channel"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_until__isnull", False),
                                ("state", duban.outbox.rules.DeliveryState["SENDING"]),
                                models.Q(("token", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", duban.outbox.rules.DeliveryState["SENDING"]), _negated=True),
                                ("lease_until__isnull", True),
                                ("token", ""),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_goes_out_on_a_lease",
                    ),
                ],
            },
        ),
    ]
