"""督查室改判: the office shows another light than the rules give, with a written reason; both stay to be seen."""

from datetime import datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid, WrongState
from duban.lights.models import Override
from duban.matters.models import Matter
from duban.matters.rules import LIGHT_LABELS, Light


@transaction.atomic
def override_light(
    matter: Matter,
    *,
    light: Light,
    reason: str,
    by: Actor,
    now: datetime,
    permission: Permission = Permission.LIGHT_OVERRIDE,
) -> Override:
    """改判: show this light until it is lifted; the judged one goes on turning beside it. An earlier one is replaced.

    permission: what it takes; a review that found for the unit asks for its own.
    Raises NotAllowed, Invalid (no reason, the light it has already), WrongState (a matter without a light).
    Source: docs/sources.md#lights
    """
    require(by, permission, jurisdiction_id=matter.jurisdiction_id)
    reason = _checked(reason, message="请写明改判的理由，单位会看到。")
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    if not standing.light:
        raise WrongState(f"{standing}现在不亮灯，不能改判。")
    if light == (standing.light_override or standing.light):
        raise Invalid(f"{standing}现在显示的就是{LIGHT_LABELS[light]}，不必改判。", field="light")
    if light == standing.light:
        raise Invalid(f"按规则判定的就是{LIGHT_LABELS[light]}，请取消改判。", field="light")
    _end(standing, words="另行改判", by=by, now=now)
    override = Override.objects.create(
        matter=standing,
        judged=standing.light,
        light=light.value,
        reason=reason,
        made_at=now,
        made_by_name=by.name[:40],
    )
    Matter.objects.filter(pk=standing.pk).update(light_override=light.value)
    data = {"judged": standing.light, "light": light.value, "reason": reason}
    record(EventName.LIGHT_OVERRIDDEN, standing, by=by, now=now, data=data)
    return override


@transaction.atomic
def lift_override(
    matter: Matter,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    permission: Permission = Permission.LIGHT_OVERRIDE,
) -> Override:
    """取消改判: the judged light is shown again. permission: as in `override_light`.

    Raises NotAllowed, Invalid, WrongState (none is in force).
    """
    require(by, permission, jurisdiction_id=matter.jurisdiction_id)
    reason = _checked(reason, message="请写明取消改判的理由。")
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    override = _end(standing, words=reason, by=by, now=now)
    if override is None:
        raise WrongState(f"{standing}没有改判，可能他人刚刚取消过。")
    Matter.objects.filter(pk=standing.pk).update(light_override="")
    data: dict[str, Any] = {"judged": standing.light, "light": override.light, "reason": reason}
    record(EventName.OVERRIDE_LIFTED, standing, by=by, now=now, data=data)
    return override


def _checked(reason: str, *, message: str) -> str:
    if len(reason.strip()) < 2:
        raise Invalid(message, field="reason")
    return reason.strip()[:300]


def _end(matter: Matter, *, words: str, by: Actor, now: datetime) -> Override | None:
    override = Override.objects.filter(matter=matter, ended_at=None).first()
    if override is not None:
        override.ended_at, override.ended_by_name, override.ended_reason = now, by.name[:40], words[:300]
        override.save(update_fields=["ended_at", "ended_by_name", "ended_reason"])
    return override
