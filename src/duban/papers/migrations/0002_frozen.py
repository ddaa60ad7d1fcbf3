"""Refuse UPDATE and DELETE on issued documents, scans and templates, on both databases (`duban.papers.triggers`)."""

from django.db import migrations

from duban.papers.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection, tables=("papers_issuedpaper", "papers_paperscan", "papers_template"))


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
