"""Django's entry to this room."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """绩效考评."""

    name = "duban.evaluation"
    label = "evaluation"
    verbose_name = "考评"
