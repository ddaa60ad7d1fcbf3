"""Django's entry to this room."""

from django.apps import AppConfig


class MattersConfig(AppConfig):
    """督查事项."""

    name = "duban.matters"
    label = "matters"
    verbose_name = "督查事项"
