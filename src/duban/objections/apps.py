"""Django's entry to this room."""

from django.apps import AppConfig


class ObjectionsConfig(AppConfig):
    """复核申请、回避."""

    name = "duban.objections"
    label = "objections"
    verbose_name = "复核"
