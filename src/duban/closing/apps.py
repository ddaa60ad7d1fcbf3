"""Django's entry to this room."""

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """销号."""

    name = "duban.closing"
    label = "closing"
    verbose_name = "销号"
