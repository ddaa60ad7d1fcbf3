"""What is known of the scan behind a typed-in number is written down, so that it can stand beside the frozen letter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("letters", "0002_numbers_of_papers")]
    operations = [
        migrations.AddField("letter", "scan_bytes", models.BigIntegerField(default=0)),
        migrations.AddField(
            "letter",
            "scan_given_digest",
            models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "letter", "scan_result", models.CharField(blank=True, default="", max_length=11), preserve_default=False
        ),
        migrations.AddField(
            "letter", "scan_scanner", models.CharField(blank=True, default="", max_length=80), preserve_default=False
        ),
    ]
