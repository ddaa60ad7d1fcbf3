from duban.intake.actions import accept_row, decide_group, reject_row
from duban.intake.queries import (
    cells_by_field,
    findings_of_notice,
    jurisdiction_named,
    names_for_desk,
    notices_for_list,
    progress,
    rows_for_desk,
    what_is_open,
)
from duban.matters.actions import NewMatter, create_matters, create_plan
from duban.matters.rules import Origin
from tests.conftest import holder


def test_desk_is_filled_in_four_queries(notice, row, officer, now, django_assert_num_queries):
    whole = notice.names.get(name="各镇（街道）")
    decide_group(whole, version=whole.version, row=row("1"), members=["南山镇"], by=officer, now=now)
    for ids in ([row("1").pk], None):
        with django_assert_num_queries(4):
            rows = list(rows_for_desk(notice, ids=ids))
            for one in rows:
                assert list(cells_by_field(one)) == [
                    *("serial", "text", "lead_units", "persons", "support_units", "overseers", "deadline")
                ]
                list(one.findings.all()), list(one.names.all())
    assert [one.members for one in rows[0].names.all()] == [["南山镇"]]


def test_open_findings_come_first(notice, officer, now):
    notice.findings.filter(kind="missing_serials").update(state="dismissed")
    first, second = findings_of_notice(notice), notice.findings.filter(row=None)
    assert [one.kind for one in first] == [one.kind for one in second] == ["missing_serials"]


def test_undecided_names_come_first_and_unused_ones_not_at_all(notice):
    notice.names.filter(name="南山镇").update(uses=0)
    names = list(names_for_desk(notice))
    assert names[0].name == "相关镇（街道）"
    assert "南山镇" not in [one.name for one in names]


def test_progress_and_what_is_open_cost_the_same_however_many(notice, row, officer, now, django_assert_num_queries):
    with django_assert_num_queries(4):
        progress(notice)
    with django_assert_num_queries(5):
        what_is_open(notice)
    accept_row(row("1"), version=row("1").version, by=officer, now=now)
    with django_assert_num_queries(5):
        what_is_open(notice)


def test_what_the_plan_holds_already_is_told_but_does_not_block(notice, row, officer, now):
    plan = create_plan(notice.jurisdiction, year=2020, title="临江区2020年度台账", settings=[], by=officer, now=now)
    text = "巩固农村饮水安全。"
    news = [NewMatter(text=f"甲{one}", serial=one) for one in ("1", "3", "4")]
    create_matters(plan, matters=[*news, NewMatter(text=text, origin=Origin.INSTRUCTION)], by=officer, now=now)
    told = [item for item in what_is_open(notice) if "台账" in item.message]
    assert [(item.message, item.is_blocking, item.row_id) for item in told] == [
        ("2020年度台账中已有第1、3–4项（3行），立项后序号会重复；同一事项请剔除", False, row("1").pk),
        ("第3项与台账中“巩固农村饮水安全。”内容相同，不应重复立项督查；同一事项请剔除", False, row("3").pk),
    ]
    for serial in ("1", "3", "4"):
        reject_row(row(serial), version=row(serial).version, reason="台账已有", by=officer, now=now)
    assert [item for item in what_is_open(notice) if "台账" in item.message] == []


def test_plan_of_another_year_or_county_is_not_repeated(notice, officer, now):
    create_matters(
        create_plan(notice.jurisdiction, year=2019, title="上年", settings=[], by=officer, now=now),
        matters=[NewMatter(text="甲", serial="1")],
        by=officer,
        now=now,
    )
    assert [item for item in what_is_open(notice) if "台账" in item.message] == []


def test_row_without_a_lead_is_told_but_does_not_block(notice, row):
    cell = row("1").cells.get(field="lead_units")
    cell.value = []
    cell.save()
    one = row("1")
    one.state = "accepted"
    one.save()
    told = [item for item in what_is_open(notice) if item.row_id == one.pk]
    assert [(item.message, item.is_blocking) for item in told] == [("第1项没有牵头单位，立项后须补上才能交办", False)]


def test_list_of_notices_counts_rows_and_hides_other_counties(notice, county, officer, django_assert_num_queries):
    with django_assert_num_queries(1):
        (one,) = notices_for_list(officer)
        assert (one.row_count, one.pending_count, one.jurisdiction.name) == (8, 8, "临江市临江区")
    assert list(notices_for_list(holder("liaison", jurisdiction=county))) == []
    assert list(notices_for_list(holder("system_admin"))) == []


def test_jurisdiction_is_named_by_the_issuer(notice):
    place = jurisdiction_named(notice.header)
    assert (place.name, place.short_name) == ("临江市临江区", "临江区")
