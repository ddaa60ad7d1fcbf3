"""Issued documents, scans and templates; UPDATE and DELETE on them are refused on both databases (`duban.papers.triggers`)."""

import django.db.models.deletion
from django.db import migrations, models

from duban.papers.triggers import drop_triggers, make_triggers


def forwards(apps, schema_editor):
    make_triggers(schema_editor.connection)


def backwards(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    replaces = [("papers", "0001_initial"), ("papers", "0002_frozen"), ("papers", "0003_whom_and_what")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="IssuedPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("subject_type", models.CharField(max_length=20)),
                ("subject_id", models.BigIntegerField()),
                ("version", models.IntegerField(default=1)),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("number_text", models.CharField(blank=True, max_length=60, verbose_name="编号")),
                ("addressee", models.CharField(blank=True, max_length=200, verbose_name="主送")),
                ("dated_on", models.DateField()),
                ("pdf_digest", models.CharField(max_length=64)),
                ("pdf_bytes", models.BigIntegerField()),
                ("docx_digest", models.CharField(max_length=64)),
                ("docx_bytes", models.BigIntegerField()),
                ("data", models.JSONField()),
                ("is_late", models.BooleanField(default=False)),
                ("issued_at", models.DateTimeField()),
                ("issued_by_name", models.CharField(max_length=40)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="orgs.jurisdiction"
                    ),
                ),
                ("matters", models.ManyToManyField(related_name="papers", to="matters.matter")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="matters.plan"
                    ),
                ),
                ("units", models.ManyToManyField(related_name="papers", to="orgs.unit")),
            ],
            options={
                "verbose_name": "存档公文",
                "ordering": ["issued_at", "pk"],
                "indexes": [models.Index(fields=["plan", "kind", "issued_at"], name="paper_of_plan")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "kind", "subject_type", "subject_id", "version"), name="paper_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pdf_digest", ""), _negated=True),
                            models.Q(("docx_digest", ""), _negated=True),
                            ("docx_bytes__gt", 0),
                            ("pdf_bytes__gt", 0),
                            ("version__gte", 1),
                        ),
                        name="paper_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("year", models.IntegerField()),
                ("last", models.IntegerField(default=0)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.jurisdiction"
                    ),
                ),
            ],
            options={
                "verbose_name": "公文编号",
                "constraints": [
                    models.UniqueConstraint(fields=("jurisdiction", "kind", "year"), name="number_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperScan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("file_name", models.CharField(max_length=100, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100)),
                ("size_bytes", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("given_digest", models.CharField(max_length=64)),
                (
                    "scan",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("clean", "已查毒"),
                            ("none", "未查毒"),
                            ("unreachable", "未查毒（查毒程序当时没有应答）"),
                        ],
                        max_length=11,
                    ),
                ),
                ("scanner", models.CharField(blank=True, max_length=80)),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="更换的理由")),
                ("added_at", models.DateTimeField()),
                ("added_by_name", models.CharField(max_length=40)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="papers.issuedpaper"
                    ),
                ),
            ],
            options={
                "verbose_name": "盖章原件扫描件",
                "ordering": ["paper", "version"],
                "constraints": [
                    models.UniqueConstraint(fields=("paper", "version"), name="paper_scan_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("version", 1)),
                            models.Q(("version__gt", 1), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="paper_scan_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20)),
                ("number", models.IntegerField()),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("opening", models.TextField(verbose_name="开头")),
                ("demand", models.TextField(verbose_name="要求")),
                ("is_shipped", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=200, verbose_name="修改理由")),
                ("adopted_at", models.DateTimeField()),
                ("adopted_by_name", models.CharField(max_length=40)),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.jurisdiction"
                    ),
                ),
            ],
            options={
                "verbose_name": "行文模板",
                "ordering": ["jurisdiction", "key", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("jurisdiction", "key", "number"), name="template_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="template_with_reason"
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
