"""Django's entry to this room."""

from django.apps import AppConfig


class InterviewsConfig(AppConfig):
    """约谈."""

    name = "duban.interviews"
    label = "interviews"
    verbose_name = "约谈"
