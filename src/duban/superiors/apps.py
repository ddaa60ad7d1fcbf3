"""Django's entry to this room."""

from django.apps import AppConfig


class SuperiorsConfig(AppConfig):
    """对接上级."""

    name = "duban.superiors"
    label = "superiors"
    verbose_name = "对接上级"
