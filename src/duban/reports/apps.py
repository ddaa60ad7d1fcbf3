"""Django's entry to this room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """报送."""

    name = "duban.reports"
    label = "reports"
    verbose_name = "报送"
