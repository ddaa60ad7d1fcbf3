"""Django's entry to this room."""

from collections.abc import Collection
from datetime import datetime
from importlib import import_module

from django.apps import AppConfig


class LightsConfig(AppConfig):
    """三盏灯."""

    name = "duban.lights"
    label = "lights"
    verbose_name = "三盏灯"

    def ready(self) -> None:
        """Register who judges: the rooms below know no lights (docs/decisions/0009)."""
        judge = import_module("duban.lights.actions").judge  # models cannot be imported before now
        system = import_module("duban.core.actor").SYSTEM

        def judge_changed(matter_ids: Collection[int], *, now: datetime, policy_id: int | None) -> None:
            judge(matter_ids, by=system, now=now, policy_id=policy_id)

        import_module("duban.matters.actions").let_judge(judge_changed)
