"""Events and what seals them; UPDATE and DELETE on events are refused on both databases (`duban.audit.triggers`).

Test fixtures that empty tables lift the triggers through `duban.audit.triggers`; nothing else may.
"""

from django.db import migrations, models

from duban.audit.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial"), ("audit", "0002_append_only"), ("audit", "0003_sealed_matters")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="MatterCounter",
            fields=[
                ("matter_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("last_no", models.IntegerField(default=0)),
                ("is_sealed", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "事项事件序号",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("name", models.CharField(max_length=40)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=40)),
                ("subject_type", models.CharField(max_length=30)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("subject_label", models.CharField(max_length=120)),
                ("jurisdiction_id", models.BigIntegerField(null=True)),
                ("matter_id", models.BigIntegerField(null=True)),
                ("matter_no", models.IntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=64)),
                ("algorithm", models.CharField(max_length=20)),
                ("key_id", models.CharField(max_length=16)),
            ],
            options={
                "verbose_name": "审计事件",
                "indexes": [
                    models.Index(fields=["matter_id", "matter_no"], name="event_of_matter"),
                    models.Index(fields=["subject_type", "subject_id"], name="event_of_subject"),
                    models.Index(fields=["actor_id", "at"], name="event_of_actor"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("matter_id__isnull", False)),
                        fields=("matter_id", "matter_no"),
                        name="event_no_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("matter_id__isnull", True), ("matter_no__isnull", True)),
                            models.Q(("matter_id__isnull", False), ("matter_no__isnull", False)),
                            _connector="OR",
                        ),
                        name="event_matter_with_no",
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
