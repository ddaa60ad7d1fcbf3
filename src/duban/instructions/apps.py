"""Django's entry to this room."""

from django.apps import AppConfig


class InstructionsConfig(AppConfig):
    """批示."""

    name = "duban.instructions"
    label = "instructions"
    verbose_name = "批示"
