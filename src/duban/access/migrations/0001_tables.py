import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import duban.access.rules


class Migration(migrations.Migration):
    replaces = [("access", "0001_initial"), ("access", "0002_tokens")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=40, unique=True, verbose_name="用户名")),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("must_change_password", models.BooleanField(default=False, verbose_name="下次登录须改密码")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "账号",
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("officer", "督查员"),
                            ("office_head", "督查室主任"),
                            ("director", "政府办主任"),
                            ("deputy_director", "政府办副主任"),
                            ("secretary", "秘书"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("audit_admin", "审计管理员"),
                        ],
                        max_length=20,
                    ),
                ),
                ("jurisdiction_id", models.BigIntegerField(null=True)),
                ("leader_person_id", models.BigIntegerField(null=True)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(null=True)),
                ("granted_by_name", models.CharField(max_length=40)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "授权",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("leader_person_id__isnull", True), ("to_on__isnull", True)),
                        fields=("account", "role"),
                        name="grant_once_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", duban.access.rules.Role["SECRETARY"]), _negated=True),
                            ("leader_person_id__isnull", False),
                            _connector="OR",
                        ),
                        name="grant_secretary_serves_a_leader",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                (
                                    duban.access.rules.Role["SYSTEM_ADMIN"],
                                    duban.access.rules.Role["SECURITY_ADMIN"],
                                    duban.access.rules.Role["AUDIT_ADMIN"],
                                ),
                            ),
                            ("jurisdiction_id__isnull", False),
                            _connector="OR",
                        ),
                        name="grant_of_business_has_a_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="用途")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("hint", models.CharField(max_length=12)),
                ("created_at", models.DateTimeField()),
                ("expires_on", models.DateField(verbose_name="到期日")),
                ("last_used_on", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "接口令牌",
                "ordering": ["created_at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="token_says_what_for")
                ],
            },
        ),
    ]
