"""Refuse UPDATE and DELETE on events, on both databases.

Test fixtures that empty tables lift the triggers through `duban.audit.triggers`; nothing else may.
"""

from django.db import migrations

from duban.audit.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
