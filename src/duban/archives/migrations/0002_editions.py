"""版次: a final archive is kept, and written anew only for a reason. Those written before are numbered as they came."""

from django.db import migrations, models

import duban.archives.rules


def number_editions(apps, schema_editor):
    """Number the final archives there are, a plan's one after the other."""
    archive = apps.get_model("archives", "Archive")
    numbers = {}
    for pk, plan_id in archive.objects.filter(is_final=True).order_by("written_at", "pk").values_list("pk", "plan_id"):
        number = numbers[plan_id] = numbers.get(plan_id, 0) + 1
        reason = "按要求再次归档" if number > 1 else ""
        archive.objects.filter(pk=pk).update(edition=number, reason=reason)


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="archive",
            name="edition",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="版次"),
        ),
        migrations.AddField(
            model_name="archive",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="为何再次归档"),
        ),
        migrations.AddField(
            model_name="archive",
            name="trail",
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(number_editions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.UniqueConstraint(fields=("plan", "edition"), name="archive_edition_once"),
        ),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("edition", None), ("is_final", False)),
                    models.Q(
                        ("edition__isnull", False),
                        ("is_final", True),
                        ("state", duban.archives.rules.ArchiveState["DONE"]),
                    ),
                    _connector="OR",
                ),
                name="archive_final_has_its_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("edition", None),
                    models.Q(("edition", 1), ("reason", "")),
                    models.Q(("edition__gt", 1), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="archive_again_for_a_reason",
            ),
        ),
    ]
