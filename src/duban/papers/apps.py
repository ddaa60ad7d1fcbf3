"""Django's entry to this room."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """公文."""

    name = "duban.papers"
    label = "papers"
    verbose_name = "公文"
