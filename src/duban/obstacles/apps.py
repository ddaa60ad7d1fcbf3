"""Django's entry to this room."""

from django.apps import AppConfig


class ObstaclesConfig(AppConfig):
    """困难问题."""

    name = "duban.obstacles"
    label = "obstacles"
    verbose_name = "困难问题"
