"""Django's entry to this room."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """年度办结、归档."""

    name = "duban.archives"
    label = "archives"
    verbose_name = "归档"
