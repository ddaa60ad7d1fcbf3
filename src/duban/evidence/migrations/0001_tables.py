import django.db.models.deletion
from django.db import migrations, models

import duban.evidence.rules


class Migration(migrations.Migration):
    replaces = [("evidence", "0001_initial"), ("evidence", "0002_what_scanning_says")]

    initial = True

    dependencies = [
        ("matters", "0001_tables"),
        ("orgs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("file", "文件"), ("link", "链接"), ("paper", "纸质材料")],
                        max_length=5,
                        verbose_name="类别",
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="名称")),
                ("file_name", models.CharField(blank=True, max_length=100, verbose_name="文件名")),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size_bytes", models.BigIntegerField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("given_digest", models.CharField(blank=True, max_length=64)),
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
                ("address", models.CharField(blank=True, max_length=500, verbose_name="网址")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="文号、存放处")),
                ("subject_type", models.CharField(blank=True, max_length=20)),
                ("subject_id", models.BigIntegerField(null=True)),
                (
                    "channel",
                    models.CharField(blank=True, choices=[("paper", "纸质回执"), ("telephone", "电话")], max_length=12),
                ),
                ("informant", models.CharField(blank=True, max_length=40, verbose_name="提供人")),
                ("added_at", models.DateTimeField()),
                ("added_by_name", models.CharField(max_length=40)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by_name", models.CharField(blank=True, max_length=40)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
                ("held_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="matters.matter"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="orgs.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "佐证材料",
                "ordering": ["added_at", "pk"],
                "indexes": [
                    models.Index(fields=["matter", "added_at"], name="evidence_of_matter"),
                    models.Index(fields=["digest"], name="evidence_by_digest"),
                    models.Index(fields=["subject_type", "subject_id"], name="evidence_given_with"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("address", ""),
                                ("kind", duban.evidence.rules.EvidenceKind["FILE"]),
                                ("place", ""),
                                ("size_bytes__gt", 0),
                                models.Q(("digest", ""), _negated=True),
                                models.Q(("given_digest", ""), _negated=True),
                                models.Q(("file_name", ""), _negated=True),
                                models.Q(("content_type", ""), _negated=True),
                                models.Q(("scan", ""), _negated=True),
                            ),
                            models.Q(
                                ("digest", ""),
                                ("file_name", ""),
                                ("kind", duban.evidence.rules.EvidenceKind["LINK"]),
                                ("place", ""),
                                ("size_bytes__isnull", True),
                                models.Q(("address", ""), _negated=True),
                            ),
                            models.Q(
                                ("address", ""),
                                ("digest", ""),
                                ("file_name", ""),
                                ("kind", duban.evidence.rules.EvidenceKind["PAPER"]),
                                ("size_bytes__isnull", True),
                                models.Q(("place", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="evidence_is_one_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("subject_id__isnull", True), ("subject_type", "")),
                            models.Q(models.Q(("subject_type", ""), _negated=True), ("subject_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="evidence_subject_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", ""), ("informant", "")),
                            models.Q(
                                models.Q(("channel", ""), _negated=True),
                                models.Q(("informant", ""), _negated=True),
                                ("unit__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="evidence_told_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True), ("withdrawn_by_name", ""), ("withdrawn_reason", "")
                            ),
                            models.Q(
                                ("held_at__isnull", True),
                                ("withdrawn_at__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="evidence_withdrawn_with_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.evidence.rules.EvidenceKind["FILE"]), ("withdrawn_at__isnull", True)
                        ),
                        fields=("matter", "unit", "given_digest"),
                        name="evidence_file_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.evidence.rules.EvidenceKind["LINK"]), ("withdrawn_at__isnull", True)
                        ),
                        fields=("matter", "unit", "address"),
                        name="evidence_link_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", duban.evidence.rules.EvidenceKind["PAPER"]), ("withdrawn_at__isnull", True)
                        ),
                        fields=("matter", "unit", "title", "place"),
                        name="evidence_paper_once",
                    ),
                ],
            },
        ),
    ]
