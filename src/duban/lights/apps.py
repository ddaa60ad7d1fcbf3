"""Django's entry to this room."""

from django.apps import AppConfig


class LightsConfig(AppConfig):
    """三盏灯."""

    name = "duban.lights"
    label = "lights"
    verbose_name = "三盏灯"
