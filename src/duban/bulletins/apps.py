"""Django's entry to this room."""

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    """《政务督查》、通报."""

    name = "duban.bulletins"
    label = "bulletins"
    verbose_name = "通报"
