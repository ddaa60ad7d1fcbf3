"""Django's entry to this room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """立项."""

    name = "duban.intake"
    label = "intake"
    verbose_name = "立项"
