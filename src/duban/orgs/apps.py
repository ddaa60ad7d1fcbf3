"""Django's entry to this room."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """单位与人员."""

    name = "duban.orgs"
    label = "orgs"
    verbose_name = "单位与人员"
