import copy

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed
from duban.matters.actions import adopt_policy, change_setting
from duban.matters.models import Plan, PlanSetting, Policy
from duban.matters.rules import SettingKey
from tests.matters.builders import owed

pytestmark = pytest.mark.django_db


def changed(plan, place, value):
    figures = copy.deepcopy(plan.policy.figures)
    section, name = place.split(".")
    figures[section][name] = value
    return figures


def test_adopting_a_policy_makes_a_version_and_keeps_the_old(world):
    figures = changed(world.plan, "assigning.acknowledge_workdays", 3)
    policy = adopt_policy(
        world.plan, figures=figures, reason="单位反映时间太紧", version=1, by=world.office_head, now=world.now
    )
    world.plan.refresh_from_db()
    assert (policy.number, world.plan.policy_id) == (2, policy.pk)
    assert Policy.objects.get(number=1).figures["assigning"]["acknowledge_workdays"] == 2
    data = Event.objects.filter(name="matters.policy_adopted").order_by("pk").last().data
    assert (data["before"], data["after"]) == (
        {"assigning.acknowledge_workdays": 2},
        {"assigning.acknowledge_workdays": 3},
    )
    matter = world.assigned()
    assert matter.plan_id == world.plan.pk


def test_adopting_is_refused(world):
    figures = changed(world.plan, "assigning.acknowledge_workdays", 3)
    told = {"reason": "单位反映时间太紧", "version": 1, "by": world.office_head, "now": world.now}
    with pytest.raises(NotAllowed):
        adopt_policy(world.plan, figures=figures, **{**told, "by": world.officer})
    with pytest.raises(Invalid):
        adopt_policy(world.plan, figures=changed(world.plan, "reports.max_chars", 10), **told)
    with pytest.raises(Invalid):
        adopt_policy(world.plan, figures=world.plan.policy.figures, **told)
    with pytest.raises(Invalid):
        adopt_policy(world.plan, figures=figures, **{**told, "reason": ""})
    adopt_policy(world.plan, figures=figures, **told)
    with pytest.raises(Conflict):
        adopt_policy(Plan.objects.get(), figures=changed(world.plan, "reports.max_chars", 200), **told)
    assert Policy.objects.count() == 2


def test_changing_report_dates_moves_what_is_owed(world):
    matter = world.assigned()
    change_setting(
        world.plan,
        key=SettingKey.REPORT_DATES,
        value=["2020-06-20", "2020-11-30"],
        reason="通知更正",
        by=world.officer,
        now=world.now,
    )
    assert owed(matter) == [
        ("教育局", "report", "2020-06-20"),
        ("教育局", "report", "2020-11-30"),
        ("教育局", "final", "2020-12-31"),
    ]
    setting = PlanSetting.objects.get(plan=world.plan, key="report_dates")
    assert setting.sentence == "于6月20日、12月20日前报送"
    assert Event.objects.get(name="matters.plan_setting_changed").data == {
        "key": "report_dates",
        "before": ["2020-06-20", "2020-12-20"],
        "after": ["2020-06-20", "2020-11-30"],
        "reason": "通知更正",
    }


def test_changing_a_setting_is_refused(world, settings):
    told = {"key": SettingKey.DECLARED_ITEMS, "value": 6, "reason": "通知更正", "by": world.officer, "now": world.now}
    with pytest.raises(NotAllowed):
        change_setting(world.plan, **{**told, "by": world.liaison("教育局")})
    for wrong in ({"value": 0}, {"value": 5}, {"reason": ""}):
        with pytest.raises(Invalid):
            change_setting(world.plan, **{**told, **wrong})
    settings.AUDIT_KEY = None
    with pytest.raises(TypeError):
        change_setting(world.plan, **told)
    assert PlanSetting.objects.get(plan=world.plan, key="declared_items").value == 5


def test_a_setting_the_notice_is_silent_on_may_be_given(world):
    told = {"key": SettingKey.LOOK_BACK, "value": True, "reason": "会议明确", "by": world.officer, "now": world.now}
    assert change_setting(world.plan, **told).value is True
