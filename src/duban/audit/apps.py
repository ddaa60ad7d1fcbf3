"""Django's entry to this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """审计."""

    name = "duban.audit"
    label = "audit"
    verbose_name = "审计"
