"""Whom a document was sent to and which matters it is about: written once, like the document itself."""

from django.db import migrations, models

from duban.papers.triggers import make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection, tables=("papers_issuedpaper_units", "papers_issuedpaper_matters"))


class Migration(migrations.Migration):
    dependencies = [("matters", "0005_what_waits"), ("orgs", "0002_person_email"), ("papers", "0002_frozen")]
    operations = [
        migrations.AddField(
            model_name="issuedpaper",
            name="units",
            field=models.ManyToManyField(related_name="papers", to="orgs.unit"),
        ),
        migrations.AddField(
            model_name="issuedpaper",
            name="matters",
            field=models.ManyToManyField(related_name="papers", to="matters.matter"),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
