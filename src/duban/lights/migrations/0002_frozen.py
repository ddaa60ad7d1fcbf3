"""Refuse UPDATE and DELETE on snapshots, on both databases (`duban.lights.triggers`)."""

from django.db import migrations

from duban.lights.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("lights", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
