import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import duban.orgs.rules


class Migration(migrations.Migration):
    replaces = [("orgs", "0001_initial"), ("orgs", "0002_person_email")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Jurisdiction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("city", "市"), ("county", "县（市、区）"), ("town", "镇（乡、街道）")], max_length=10
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                ("short_name", models.CharField(max_length=20, verbose_name="简称")),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="orgs.jurisdiction",
                    ),
                ),
            ],
            options={
                "verbose_name": "辖区",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="电话")),
                ("email", models.CharField(blank=True, max_length=100, verbose_name="邮箱")),
                ("note", models.CharField(blank=True, max_length=60, verbose_name="备注")),
                ("pinyin", models.CharField(max_length=200)),
                ("initials", models.CharField(max_length=40)),
                ("version", models.IntegerField(default=1)),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="orgs.jurisdiction"
                    ),
                ),
            ],
            options={
                "verbose_name": "人员",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="简称")),
                ("full_name", models.CharField(blank=True, max_length=120, verbose_name="全称")),
                (
                    "unit_type",
                    models.CharField(
                        choices=[
                            ("department", "政府部门"),
                            ("town", "镇（街道）"),
                            ("enterprise", "国有企业"),
                            ("party", "党委部门"),
                            ("mass", "群团组织"),
                            ("vertical", "垂直管理单位"),
                            ("military", "军事机关"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("order", models.IntegerField(default=1000, verbose_name="排序")),
                ("keys", models.TextField()),
                ("pinyin", models.TextField()),
                ("initials", models.TextField()),
                ("merged_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="absorbed", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "单位",
                "ordering": ["order", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("merged_into__isnull", True)),
                        fields=("jurisdiction", "name"),
                        name="unit_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                            models.Q(("merged_at__isnull", False), ("merged_into__isnull", False)),
                            _connector="OR",
                        ),
                        name="unit_merged_with_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("merged_into", models.F("id")), _negated=True), name="unit_not_into_itself"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unit_head", "主要负责人"),
                            ("responsible", "责任人"),
                            ("leader", "区领导"),
                            ("government_head", "政府主要领导"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="岗位")),
                ("order", models.IntegerField(default=1000, verbose_name="排序")),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="orgs.jurisdiction"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "岗位",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [duban.orgs.rules.PostKind["LEADER"], duban.orgs.rules.PostKind["GOVERNMENT_HEAD"]],
                            ),
                            ("unit__isnull", False),
                            _connector="OR",
                        ),
                        name="post_of_a_unit_or_leader",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", duban.orgs.rules.PostKind["UNIT_HEAD"])),
                        fields=("unit",),
                        name="unit_has_one_head_post",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.orgs.rules.PostKind["GOVERNMENT_HEAD"]), ("unit__isnull", True)
                        ),
                        fields=("jurisdiction",),
                        name="government_has_one_head_post",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("alias", models.CharField(max_length=120)),
                ("key", models.CharField(max_length=120)),
                (
                    "jurisdiction",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="orgs.jurisdiction"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="aliases", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "单位别名",
                "constraints": [models.UniqueConstraint(fields=("jurisdiction", "key"), name="alias_names_one_unit")],
            },
        ),
        migrations.CreateModel(
            name="UnitContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(choices=[("liaison", "联络员"), ("deputy", "分管领导")], max_length=10)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contact_for", to="orgs.person"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "联络员与分管领导",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to_on__isnull", True)),
                        fields=("unit", "role"),
                        name="unit_has_one_contact_of_a_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="contact_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="统称")),
                ("key", models.CharField(max_length=60)),
                ("kind", models.CharField(choices=[("all", "all"), ("chosen", "chosen")], max_length=10)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unit_groups", to="orgs.jurisdiction"
                    ),
                ),
                ("members", models.ManyToManyField(related_name="groups", to="orgs.unit")),
            ],
            options={
                "verbose_name": "统称",
                "constraints": [models.UniqueConstraint(fields=("jurisdiction", "key"), name="group_name_once")],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(null=True)),
                ("qualifier", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="orgs.person"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="orgs.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "任职",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to_on__isnull", True)), fields=("post",), name="post_has_one_holder"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="appointment_ends_after_start",
                    ),
                ],
            },
        ),
    ]
