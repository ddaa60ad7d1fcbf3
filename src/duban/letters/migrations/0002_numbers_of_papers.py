"""The numbers of letters are counted by the papers' register, where those of other documents are counted too."""

from django.db import migrations


def forwards(apps, schema_editor):
    counters = apps.get_model("letters", "LetterCounter").objects.all()
    number = apps.get_model("papers", "NumberCounter")
    number.objects.bulk_create(
        number(jurisdiction_id=one.jurisdiction_id, kind=one.kind, year=one.year, last=one.last) for one in counters
    )


def backwards(apps, schema_editor):
    letter = apps.get_model("letters", "LetterCounter")
    numbers = apps.get_model("papers", "NumberCounter").objects.filter(kind__in=("remind", "urge", "supervise"))
    letter.objects.bulk_create(
        letter(jurisdiction_id=one.jurisdiction_id, kind=one.kind, year=one.year, last=one.last) for one in numbers
    )
    numbers.delete()


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial"), ("papers", "0001_initial")]
    operations = [
        migrations.RunPython(forwards, backwards),
        migrations.DeleteModel(name="LetterCounter"),
    ]
