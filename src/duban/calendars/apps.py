"""Django's entry to this room."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """放假安排."""

    name = "duban.calendars"
    label = "calendars"
    verbose_name = "放假安排"
