"""Django's entry to this room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """消息与发送."""

    name = "duban.outbox"
    label = "outbox"
    verbose_name = "消息与发送"
