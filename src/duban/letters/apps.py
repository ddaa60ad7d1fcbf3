"""Django's entry to this room."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    """三种函."""

    name = "duban.letters"
    label = "letters"
    verbose_name = "三种函"
