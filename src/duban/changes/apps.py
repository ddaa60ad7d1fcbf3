"""Django's entry to this room."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """变更申请."""

    name = "duban.changes"
    label = "changes"
    verbose_name = "变更申请"
