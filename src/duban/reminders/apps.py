"""Django's entry to this room."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """提醒."""

    name = "duban.reminders"
    label = "reminders"
    verbose_name = "提醒"
