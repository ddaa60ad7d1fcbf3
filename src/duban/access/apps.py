"""Django's entry to this room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """权限."""

    name = "duban.access"
    label = "access"
    verbose_name = "权限"
