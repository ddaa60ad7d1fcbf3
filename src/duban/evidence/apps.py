"""Django's entry to this room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """佐证材料."""

    name = "duban.evidence"
    label = "evidence"
    verbose_name = "佐证材料"
