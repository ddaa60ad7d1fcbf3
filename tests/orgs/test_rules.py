from datetime import date

import pytest

from duban.orgs.rules import (
    Fit,
    GroupKind,
    Level,
    Overlap,
    Term,
    UnitType,
    core_key,
    fit_term,
    group_kind,
    guess_unit_type,
    named_thing,
    phone_problem,
    place_prefixes,
)

pytestmark = pytest.mark.engine_free

DISTRICT = place_prefixes(name="临江市临江区", short_name="临江区", level=Level.COUNTY)


@pytest.mark.parametrize(
    ("place", "prefixes"),
    [
        (("临江市临江区", "临江区", Level.COUNTY), ("临江市临江区", "临江市临江", "临江区", "临江", "区")),
        (("清河县", "清河县", Level.COUNTY), ("清河县", "清河", "县")),
        (("临江市", "临江市", Level.CITY), ("临江市", "临江", "市")),
        (("白石镇", "白石镇", Level.TOWN), ("白石镇", "白石", "镇")),
        (("临江", "临江", Level.COUNTY), ("临江", "区", "县", "市", "旗")),
    ],
)
def test_place_prefixes(place, prefixes):
    name, short_name, level = place
    assert place_prefixes(name=name, short_name=short_name, level=level) == prefixes


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("教育局", "教育局"),
        ("区教育局", "教育局"),
        ("临江区教育局", "教育局"),
        ("临江市临江区教育局", "教育局"),
        ("临江 区 教育局", "教育局"),
        ("市教育局", "市教育局"),  # the city's own
        ("临江镇", "临江镇"),  # too little would be left
        ("区", "区"),
    ],
)
def test_core_key(name, core):
    assert core_key(name, prefixes=DISTRICT) == core


@pytest.mark.parametrize(
    ("name", "found"),
    [("教育局", "a"), ("区教育局", "a"), ("税务局", None), ("区税务局", "b"), ("财政局", None)],
)
def test_named_thing_by_key_first_then_by_core_where_one(name, found):
    by_key = {"教育局": "a", "区税务局": "b", "临江税务局": "c"}
    by_core = {"教育局": ["a"], "税务局": ["b", "c"]}
    assert named_thing(name, by_key=by_key, by_core=by_core, prefixes=DISTRICT) == found


OLD = Term(1, date(2020, 1, 1))
DONE = Term(1, date(2019, 1, 1), date(2019, 12, 31))


@pytest.mark.parametrize(
    ("terms", "new", "expected"),
    [
        ([], Term(2, date(2020, 3, 1)), Fit(None)),
        ([OLD], Term(2, date(2020, 3, 1)), Fit(None, ends=OLD)),
        ([OLD], Term(2, date(2020, 1, 2)), Fit(None, ends=OLD)),
        ([OLD], Term(2, date(2020, 1, 1)), Fit(None, corrects=OLD)),
        ([OLD], Term(1, date(2020, 1, 1)), Overlap(OLD, is_same=True)),
        ([OLD], Term(1, date(2020, 3, 1)), Overlap(OLD, is_same=True)),
        ([OLD], Term(1, date(2020, 3, 1), qualifier="局长人选"), Fit(None, ends=OLD)),
        ([OLD], Term(2, date(2019, 3, 1)), Fit(date(2019, 12, 31))),  # the past: ends before the one known
        ([OLD], Term(2, date(2019, 3, 1), date(2019, 12, 31)), Fit(date(2019, 12, 31))),
        ([OLD], Term(2, date(2019, 3, 1), date(2020, 1, 1)), Overlap(OLD)),
        ([DONE], Term(2, date(2020, 1, 1)), Fit(None)),
        ([DONE], Term(2, date(2019, 12, 31)), Overlap(DONE)),
        ([DONE, OLD], Term(2, date(2018, 1, 1)), Fit(date(2018, 12, 31))),
        ([Term(1, date(2020, 2, 29))], Term(2, date(2020, 3, 1)), Fit(None, ends=Term(1, date(2020, 2, 29)))),
    ],
)
def test_fit_term(terms, new, expected):
    assert fit_term(terms, new=new) == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [("各镇（街道）", GroupKind.ALL), ("区直有关单位", GroupKind.CHOSEN), ("相关部门", GroupKind.CHOSEN)],
)
def test_group_kind(name, kind):
    assert group_kind(name) is kind


@pytest.mark.parametrize(
    ("name", "unit_type"),
    [
        ("教育局", UnitType.DEPARTMENT),
        ("白石镇", UnitType.TOWN),
        ("城投公司", UnitType.ENTERPRISE),
        ("移动互联科技公司", UnitType.ENTERPRISE),
        ("邮政储蓄银行", UnitType.ENTERPRISE),
        ("电信分公司", UnitType.VERTICAL),
        ("移动公司", UnitType.VERTICAL),
        ("供电公司", UnitType.VERTICAL),
        ("团区委", UnitType.MASS),
        ("税务局", UnitType.VERTICAL),
        ("人武部", UnitType.MILITARY),
        ("政法委", UnitType.PARTY),
    ],
)
def test_guess_unit_type(name, unit_type):
    assert guess_unit_type(name) is unit_type


@pytest.mark.parametrize(
    ("phone", "is_good"),
    [
        ("", True),
        ("0595-87991234", True),
        ("13900000001", True),
        ("+86 139 0000 0001", True),
        ("87991234转801", True),
        ("8799（办）", False),
        ("=1+1", False),
        ("无", False),
    ],
)
def test_phone_problem(phone, is_good):
    assert (phone_problem(phone) is None) == is_good
