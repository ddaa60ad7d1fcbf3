"""Lights, their turns and the snapshots; UPDATE and DELETE on snapshots are refused on both databases (`duban.lights.triggers`)."""

import django.db.models.deletion
from django.db import migrations, models

import duban.matters.rules
from duban.lights.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    replaces = [
        ("lights", "0001_initial"),
        ("lights", "0002_frozen"),
        ("lights", "0003_turned_by_a_policy"),
        ("lights", "0004_found_by_its_constraint"),
    ]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("turns", models.IntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "每日刷新",
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("is_half_year", models.BooleanField(default=False)),
                ("taken_at", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="snapshots", to="matters.plan"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.policy"
                    ),
                ),
            ],
            options={
                "verbose_name": "定格",
                "ordering": ["day", "pk"],
                "constraints": [models.UniqueConstraint(fields=("plan", "day"), name="snapshot_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="SnapshotRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("registered", "已立项"),
                            ("assigned", "已交办"),
                            ("in_progress", "办理中"),
                            ("closing", "申请销号"),
                            ("closed", "已销号"),
                            ("suspended", "已暂停"),
                            ("carried_over", "已结转"),
                            ("terminated", "已终止"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "light",
                    models.CharField(
                        blank=True, choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6
                    ),
                ),
                (
                    "override",
                    models.CharField(
                        blank=True, choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6
                    ),
                ),
                ("due_on", models.DateField()),
                ("progress_pct", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("expected_pct", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("reasons", models.JSONField(default=list)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="snapshot_rows", to="matters.matter"
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="lights.snapshot",
                    ),
                ),
            ],
            options={
                "verbose_name": "定格的事项",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("snapshot", "matter"), name="matter_once_in_a_snapshot")
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownFacts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("facts", models.JSONField()),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="known_facts", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "灯所依据的事实",
                "ordering": ["matter", "day"],
                "constraints": [models.UniqueConstraint(fields=("matter", "day"), name="facts_known_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="LightTurn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "before",
                    models.CharField(
                        blank=True, choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6
                    ),
                ),
                (
                    "light",
                    models.CharField(
                        blank=True, choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("is_round", models.BooleanField(default=False)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="light_turns", to="matters.matter"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="light_turns",
                        to="matters.policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "灯的变化",
                "ordering": ["day", "pk"],
                "indexes": [models.Index(fields=["day", "light"], name="light_turn_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "day"), name="light_turns_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("light", models.F("before")), _negated=True), name="light_turn_turns"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "before__in",
                                [
                                    "",
                                    duban.matters.rules.Light["GREEN"],
                                    duban.matters.rules.Light["YELLOW"],
                                    duban.matters.rules.Light["RED"],
                                ],
                            ),
                            (
                                "light__in",
                                [
                                    "",
                                    duban.matters.rules.Light["GREEN"],
                                    duban.matters.rules.Light["YELLOW"],
                                    duban.matters.rules.Light["RED"],
                                ],
                            ),
                        ),
                        name="light_turn_word",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "judged",
                    models.CharField(choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6),
                ),
                (
                    "light",
                    models.CharField(choices=[("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯")], max_length=6),
                ),
                ("reason", models.CharField(max_length=300)),
                ("made_at", models.DateTimeField()),
                ("made_by_name", models.CharField(max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=40)),
                ("ended_reason", models.CharField(blank=True, max_length=300)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="overrides", to="matters.matter"
                    ),
                ),
            ],
            options={
                "verbose_name": "督查室改判",
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("matter",), name="one_override_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="override_with_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by_name", ""), ("ended_reason", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                models.Q(("ended_by_name", ""), _negated=True),
                                models.Q(("ended_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="override_ended_with_reason",
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
