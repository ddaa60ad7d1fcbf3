"""Django's entry to this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """网页。"""

    name = "duban.web"
    label = "web"
    verbose_name = "网页"
