"""Django's entry to this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """后台任务."""

    name = "duban.jobs"
    label = "jobs"
    verbose_name = "后台任务"
