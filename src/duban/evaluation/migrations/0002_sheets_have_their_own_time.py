"""A sheet has its own last day to object, and its unit may say that it agrees."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def take_over(apps, schema_editor):
    """Let every sheet have the last day of its evaluation; what was dropped as a draft has no sheets."""
    sheets, evaluations = (apps.get_model("evaluation", name) for name in ("ScoreSheet", "Evaluation"))
    until = evaluations.objects.filter(pk=OuterRef("evaluation")).values("objections_until")[:1]
    sheets.objects.update(objections_until=Subquery(until))


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]

    operations = [
        migrations.AddField(
            "scoresheet", "objections_until", models.DateField(null=True, verbose_name="提出异议的期限")
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AlterField("scoresheet", "objections_until", models.DateField(verbose_name="提出异议的期限")),
        migrations.AddField("scoresheet", "agreed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "scoresheet",
            "agreed_by_name",
            models.CharField(blank=True, default="", max_length=80, verbose_name="没有异议"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "scoresheet",
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_by_name="")
                | (Q(agreed_at__isnull=False) & ~Q(agreed_by_name="")),
                name="score_agreed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "scoresheet",
            models.CheckConstraint(
                condition=Q(contested_at__isnull=True) | Q(agreed_at__isnull=True), name="score_agreed_or_contested"
            ),
        ),
    ]
