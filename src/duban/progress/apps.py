"""Django's entry to this room."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """进展."""

    name = "duban.progress"
    label = "progress"
    verbose_name = "进展"
