import pytest

from duban.matters.actions import NewSetting
from duban.matters.rules import SettingKey
from tests.matters.builders import World, make_world


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    settings = [
        NewSetting(SettingKey.DECLARED_ITEMS, 5, "对列入年度5项事项进行督查督办", 20),
        NewSetting(SettingKey.REPORT_DATES, ["2020-06-20", "2020-12-20"], "于6月20日、12月20日前报送", 22),
        NewSetting(SettingKey.REPORT_LENGTH, {"min": 100, "max": 150}, "100-150字", 22),
    ]
    return make_world(county, officer, office_head, now, settings=settings)
