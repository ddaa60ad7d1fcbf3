from duban.intake.actions import accept_row, decide_group
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
    with django_assert_num_queries(4):
        what_is_open(notice)
    accept_row(row("1"), version=row("1").version, by=officer, now=now)
    with django_assert_num_queries(4):
        what_is_open(notice)


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
