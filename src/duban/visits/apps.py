"""Django's entry to this room."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """实地考查、察访核验."""

    name = "duban.visits"
    label = "visits"
    verbose_name = "核验"
