"""The ledger: what is seen, narrowed, grouped, sorted, printed, carried away and handed out, and by whom."""

import io
import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from duban.access.models import Account, Grant
from duban.audit.models import Event
from duban.core import clock
from duban.core.pinyin import initials_of, pinyin_of
from duban.matters.actions import (
    NewAssignment,
    NewGroup,
    NewMatter,
    NewOverseer,
    NewSetting,
    NewTarget,
    assign_matters,
    create_matters,
    create_plan,
    register_matters,
    split,
)
from duban.matters.models import Matter
from duban.matters.rules import Kind, Origin, Part, SettingKey, State
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, UnitContact
from duban.web.ledger import COLUMNS, DEFAULT_COLUMNS, address_of, view_of
from tests.conftest import holder
from tests.matters.builders import World, make_world

LEDGER = "/ledger/"


@dataclass
class House:
    """A county with five matters, and somebody signed in for each part."""

    world: World
    matters: dict[str, Matter]
    posts: dict[str, Post]

    def client(self, who: str, *, jurisdiction: Jurisdiction | None = None) -> Client:
        """Sign somebody in: a role of the office, an administrator, or “联络员 单位” or “领导 姓名”."""
        account = Account.objects.create(username=who, name=who, created_at=clock.now(), password="!")
        place = None if who.endswith("_admin") else (jurisdiction or self.world.county).pk
        since = clock.today() - timedelta(days=1)
        if who.startswith("联络员"):
            person = self._person(f"{who}某", account)
            UnitContact.objects.create(
                unit=self.world.unit(who.split()[1]), role="liaison", person=person, from_on=since
            )
        elif who.startswith("领导"):
            Person.objects.filter(name=who.split()[1]).update(account=account)
        else:
            Grant.objects.create(
                account=account, role=who, jurisdiction_id=place, from_on=since, granted_by_name="安全管理员"
            )
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _person(self, name: str, account: Account) -> Person:
        return Person.objects.create(
            jurisdiction=self.world.county,
            name=name,
            pinyin=pinyin_of(name),
            initials=initials_of(name),
            account=account,
        )


@pytest.fixture
def house(county, officer, office_head, now) -> House:
    world = make_world(county, officer, office_head, now, settings=[NewSetting(SettingKey.DECLARED_ITEMS, 7, "共7项")])
    for order, name in enumerate(("教育局", "住建局", "财政局", "东镇", "西镇")):
        unit = world.unit(name)
        unit.order = order
        unit.save(update_fields=["order"])
    posts = {
        "王分管": world.post(None, "副区长（教育）", "王分管", kind="leader"),
        "李分管": world.post(None, "副区长（城建）", "李分管", kind="leader"),
        "陈建雄": world.post("教育局", "局长", "陈建雄", kind="unit_head"),
        "郭志雄": world.post("住建局", "局长", "郭志雄", kind="unit_head"),
    }
    lead = {
        "教育局": NewAssignment(world.unit("教育局"), Part.LEAD, posts["陈建雄"]),
        "住建局": NewAssignment(world.unit("住建局"), Part.LEAD, posts["郭志雄"], qualifier="人防办"),
    }
    towns = [NewAssignment(world.unit(name), Part.SUPPORT, from_group="各镇") for name in ("东镇", "西镇")]
    shared = {
        "assignments": [lead["住建局"], *towns, NewAssignment(world.unit("财政局"), Part.SUPPORT)],
        "groups": [NewGroup("各镇", Part.SUPPORT)],
        "overseers": [NewOverseer(posts["李分管"])],
    }
    drafts = world.drafts(
        NewMatter(
            text="新建小学2所，新增学位900个。", serial="1", order=1, field="教育", section="民生保障",
            kind=Kind.QUANTIFIED, is_livelihood=True, is_weakness=True,
            targets=[NewTarget("2所", 2, unit_of_measure="所")],
            assignments=[lead["教育局"], NewAssignment(world.unit("住建局"), Part.SUPPORT)],
            overseers=[NewOverseer(posts["王分管"]), NewOverseer(posts["李分管"])], due_on=date(2020, 9, 1),
        ),
        NewMatter(
            text="持续开展校园安全整治。", serial="2", order=2, field="教育", section="民生保障",
            kind=Kind.CONTINUING, is_livelihood=True, assignments=[lead["教育局"]],
            overseers=[NewOverseer(posts["王分管"])],
        ),
        NewMatter(text="建成污水管网12公里。", serial="3", order=3, field="城乡建设", section="城市更新",
                  kind=Kind.MILESTONE, is_livelihood=False, **shared),
        NewMatter(text="改造老旧小区8个。", serial="4", order=4, field="城乡建设", section="城市更新",
                  kind=Kind.QUANTIFIED, is_livelihood=False, **shared),
        NewMatter(text="落实区长批示，核查危房。", serial="", order=9, field="城乡建设", origin=Origin.INSTRUCTION,
                  kind=Kind.MILESTONE, is_livelihood=False, assignments=[lead["住建局"]], title="危房核查"),
    )  # fmt: skip
    known = {
        matter.pk: matter for matter in register_matters(drafts[:4], approval=world.approval(), by=officer, now=now)
    }
    known |= {matter.pk: matter for matter in assign_matters([known[drafts[0].pk]], by=officer, now=now)}
    matters = {draft.serial or "批": known.get(draft.pk, draft) for draft in drafts}
    return House(world=world, matters=matters, posts=posts)


def shown(response) -> list[str]:
    """The serials (批 for the matter without one) in the order of the page."""
    return [row.serial or "批" for row in response.context["found"].rows]


def test_office_sees_whole_ledger_in_the_notices_order(house):
    response = house.client("officer").get(LEDGER)
    assert response.status_code == 200
    assert shown(response) == ["1", "2", "3", "4", "批"]


def test_head_line_counts_against_the_declared_total_and_names_what_is_missing(house):
    page = house.client("officer").get(LEDGER).content.decode()
    assert '<b class="tally">4 / 7 项</b>，<span class="is-missing">缺 5–7</span>' in page
    assert f"{reverse('matter_new')}?plan={house.world.plan.pk}&amp;serial=5" in page


def test_looker_without_the_right_to_enter_is_not_offered_the_missing_numbers(house):
    page = house.client("deputy_director").get(LEDGER).content.decode()
    assert "缺 5–7" in page
    assert "serial=5" not in page
    assert 'name="matter"' not in page


def test_who_approves_changes_chooses_what_to_extend_and_nothing_else(house):
    page = house.client("director").get(LEDGER).content.decode()
    assert 'name="matter"' in page
    assert f'formaction="{reverse("ledger_extend")}?' in page
    assert 'name="step" value="register"' not in page
    assert f'formaction="{reverse("ledger_extend")}' not in house.client("officer").get(LEDGER).content.decode()


@pytest.fixture
def handed_out(house) -> None:
    """Units see what was handed out to them."""
    assign_matters(
        [one for one in house.matters.values() if one.state == "registered"],
        by=house.world.officer,
        now=house.world.now,
    )


def test_units_see_nothing_before_it_is_handed_out(house):
    assert shown(house.client("联络员 教育局").get(LEDGER)) == ["1"]
    assert shown(house.client("领导 王分管").get(LEDGER)) == ["1", "2"]


def test_liaison_sees_only_what_concerns_the_unit_and_no_drafts(house, handed_out):
    response = house.client("联络员 教育局").get(LEDGER)
    assert shown(response) == ["1", "2"]
    assert "缺" not in response.content.decode()
    assert shown(house.client("联络员 财政局").get(LEDGER)) == ["3", "4"]
    assert shown(house.client("联络员 住建局").get(LEDGER)) == ["1", "3", "4"]


def test_liaison_may_narrow_to_what_the_unit_leads(house, handed_out):
    client = house.client("联络员 住建局")
    assert shown(client.get(LEDGER, {"part": "lead"})) == ["3", "4"]
    assert shown(client.get(LEDGER, {"part": "support"})) == ["1"]


def test_leader_sees_what_the_leader_oversees(house):
    assert shown(house.client("领导 王分管").get(LEDGER)) == ["1", "2"]


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
@pytest.mark.parametrize("name", ["ledger", "ledger_print", "ledger_xlsx", "ledger_csv", "ledger_batch"])
def test_administrators_are_refused(house, role, name):
    client = house.client(role)
    ask = client.get if name in ("ledger", "ledger_print") else client.post
    assert ask(reverse(name)).status_code == 403


def test_plan_of_another_county_is_not_found(house, now):
    elsewhere = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    other = make_world(elsewhere, holder("officer", jurisdiction=elsewhere), None, now)
    assert house.client("officer").get(LEDGER, {"plan": other.plan.pk}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "draft"}, ["批"]),
        ({"state": "assigned"}, ["1"]),
        ({"state": "open"}, ["1", "2", "3", "4"]),
        ({"kind": "quantified"}, ["1", "4"]),
        ({"field": "教育"}, ["1", "2"]),
        ({"origin": "instruction"}, ["批"]),
        ({"livelihood": "1"}, ["1", "2"]),
        ({"weakness": "1"}, ["1"]),
        ({"livelihood": "1", "kind": "continuing"}, ["2"]),
        ({"q": "污水"}, ["3"]),
        ({"q": "wushui"}, ["3"]),
        ({"q": "gzljxq"}, ["4"]),
        ({"q": "4"}, ["4"]),
        ({"q": "危房核查"}, ["批"]),
        ({"q": "教育局"}, ["1", "2"]),
        ({"q": "JYJ"}, ["1", "2"]),
        ({"q": "财政局"}, ["3", "4"]),
        ({"q": "郭志雄"}, ["3", "4", "批"]),
        ({"q": "王分管 学位"}, ["1"]),
        ({"q": "100%_"}, []),
        ({"q": "不存在的话"}, []),
        ({"state": "nonsense", "kind": "x", "page": "zz", "unit": "abc"}, ["1", "2", "3", "4", "批"]),
    ],
)
def test_filter_narrows(house, asked, expected):
    assert shown(house.client("officer").get(LEDGER, asked)) == expected


def test_filter_by_unit_and_part(house):
    client, unit = house.client("officer"), house.world.unit("住建局").pk
    assert shown(client.get(LEDGER, {"unit": unit})) == ["1", "3", "4", "批"]
    assert shown(client.get(LEDGER, {"unit": unit, "part": "lead"})) == ["3", "4", "批"]
    assert shown(client.get(LEDGER, {"unit": unit, "part": "support"})) == ["1"]


def test_filter_by_unit_includes_units_merged_into_it(house, now):
    old, new = house.world.unit("财政局"), house.world.unit("教育局")
    type(old).objects.filter(pk=old.pk).update(merged_into=new, merged_at=now)
    assert shown(house.client("officer").get(LEDGER, {"unit": new.pk})) == ["1", "2", "3", "4"]


def test_filter_by_overseer(house):
    client = house.client("officer")
    assert shown(client.get(LEDGER, {"overseer": house.posts["王分管"].pk})) == ["1", "2"]
    assert shown(client.get(LEDGER, {"overseer": house.posts["李分管"].pk})) == ["1", "3", "4"]


def test_filter_late_shows_open_matters_past_their_day(house):
    Matter.objects.filter(serial__in=("1", "2")).update(starts_on=date(2019, 1, 1), due_on=date(2019, 12, 31))
    Matter.objects.filter(serial="3").update(due_on=date(2999, 12, 31))
    Matter.objects.filter(serial="4").update(due_on=clock.today())
    response = house.client("officer").get(LEDGER, {"late": "1"})
    assert shown(response) == ["1", "2"]
    assert response.content.decode().count(" 逾期</time>") == 2


def test_sorting_by_a_column_and_back(house):
    client = house.client("officer")
    assert shown(client.get(LEDGER, {"sort": "due"}))[0] == "1"
    assert shown(client.get(LEDGER, {"sort": "-serial"})) == ["批", "4", "3", "2", "1"]
    assert shown(client.get(LEDGER, {"sort": "state"})) == ["批", "2", "3", "4", "1"]
    assert shown(client.get(LEDGER, {"sort": "-lead"})) == ["3", "4", "批", "1", "2"]
    page = client.get(LEDGER, {"sort": "due"}).content.decode()
    assert '<th class="c-due" scope="col" aria-sort="ascending"><a href="?sort=-due"' in page


@pytest.mark.parametrize(
    ("group", "headings"),
    [
        ("lead", ["教育局", "住建局"]),
        ("field", ["教育", "城乡建设"]),
        ("section", ["民生保障", "城市更新", "未列板块"]),
        ("overseer", ["王分管", "李分管", "分管或联系领导待明确"]),
        ("state", ["草稿", "已立项", "已交办"]),
    ],
)
def test_grouping_gives_each_matter_one_place(house, group, headings):
    page = house.client("officer").get(LEDGER, {"group": group}).content.decode()
    found = [part.split(" <span")[0] for part in page.split('scope="colgroup">')[1:]]
    assert found == headings
    assert page.count('<tr id="m') == 5


def test_row_shows_units_people_and_the_collective_name(house):
    (row,) = house.client("officer").get(LEDGER, {"q": "污水"}).context["found"].rows
    assert row.leads == ("住建局（人防办）",)
    assert row.merging_unit == "住建局"
    assert row.persons == ("郭志雄",)
    assert row.supports == ("财政局", "各镇") or row.supports == ("各镇", "财政局")
    assert row.overseers == ("李分管",)
    assert (row.acknowledged, row.leads_count) == (0, 1)


def test_successor_of_a_post_is_shown_at_once(house):
    post = house.posts["郭志雄"]
    Appointment.objects.filter(post=post).update(to_on=clock.today() - timedelta(days=1))
    person = Person.objects.create(jurisdiction=house.world.county, name="何新任", pinyin="hexinren", initials="hxr")
    Appointment.objects.create(post=post, person=person, from_on=clock.today())
    (row,) = house.client("officer").get(LEDGER, {"q": "污水"}).context["found"].rows
    assert row.persons == ("何新任",)
    assert shown(house.client("office_head").get(LEDGER, {"q": "hxr"})) == ["3", "4", "批"]


def test_work_items_of_a_split_matter_follow_it_and_do_not_count(house, office_head, now):
    split(
        house.matters["3"],
        items=[NewMatter(text="完成一期6公里。"), NewMatter(text="完成二期6公里。")],
        reason="分期实施",
        approval=house.world.approval(),
        by=office_head,
        now=now,
    )
    response = house.client("officer").get(LEDGER)
    assert [row.parent_id is not None for row in response.context["found"].rows] == [False] * 3 + [True] * 2 + [
        False
    ] * 2
    assert response.context["tally"].present == 4


def test_text_is_escaped_once(house):
    Matter.objects.filter(serial="1").update(text="<script>1</script> & “二”")
    page = house.client("officer").get(LEDGER, {"q": '"><b>'}).content.decode()
    assert "<b>" not in page.split("chip")[1].split("</a>")[0]
    page = house.client("office_head").get(LEDGER).content.decode()
    assert "&lt;script&gt;1&lt;/script&gt; &amp; “二”" in page
    assert "<script>1" not in page


# ── the address holds the view ──


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=%E6%95%99%E8%82%B2&state=open",
        "plan=3&unit=5&part=lead&overseer=2&kind=quantified&field=%E6%95%99%E8%82%B2&origin=notice",
        "livelihood=1&weakness=1&late=1&group=lead&sort=-due&cols=serial.text.note&page=4",
    ],
)
def test_address_round_trip(query):
    assert address_of(view_of(QueryDict(query))) == query


def test_plain_form_address_says_the_same_as_the_short_one():
    ticked = "&".join(f"col={key}" for key in DEFAULT_COLUMNS)
    assert address_of(view_of(QueryDict(f"q=&unit=&part=&state=open&group=&sort=&page=1&{ticked}"))) == "state=open"
    assert view_of(QueryDict("col=note&col=serial")) == {"cols": "serial.note"}


def test_column_choice(house):
    page = house.client("officer").get(LEDGER, {"cols": "serial.text.note"}).content.decode()
    assert [key for key in (one.key for one in COLUMNS) if f'<th class="c-{key}"' in page] == ["serial", "text", "note"]


def test_htmx_part_is_the_same_as_in_the_page_and_pushes_the_short_address(house):
    client = house.client("officer")
    asked = {"q": "", "state": "open", "unit": "", "sort": "-serial"}
    page = client.get(LEDGER, asked)
    part = client.get(LEDGER, asked, headers={"HX-Request": "true"})
    without_tokens = [re.sub('value="[A-Za-z0-9]{64}"', "", one.content.decode()).strip() for one in (part, page)]
    assert without_tokens[0].startswith('<div id="rows"')
    assert without_tokens[0] in without_tokens[1]
    assert part["HX-Push-Url"] == "/ledger/?state=open&sort=-serial"
    assert "HX-Request" in part["Vary"]


# ── constant cost ──


def queries(client, asked) -> int:
    client.get(LEDGER, asked)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(LEDGER, asked).status_code == 200
    return len(captured)


@pytest.mark.parametrize("group", ["", "lead", "overseer"])
def test_number_of_queries_does_not_depend_on_the_rows(house, group):
    client = house.client("officer")
    every = ".".join(column.key for column in COLUMNS)
    one, three = ({"q": text, "group": group, "cols": every} for text in ("污水", "住建局"))
    assert len(shown(client.get(LEDGER, one))) == 1
    assert len(shown(client.get(LEDGER, three))) == 4
    assert queries(client, one) == queries(client, three) == 21


def test_number_of_queries_of_the_plain_page(house):
    client = house.client("officer")
    client.get(LEDGER)
    with CaptureQueriesContext(connection) as captured:
        client.get(LEDGER)
    assert len(captured) == 19, [one["sql"][:90] for one in captured]


def test_many_rows_are_paged_by_the_hundred(house, officer, now):
    create_matters(
        house.world.plan,
        matters=[NewMatter(text=f"第{n}件事。", serial=str(n), order=float(n), field="") for n in range(100, 620)],
        by=officer,
        now=now,
    )
    client = house.client("officer")
    first = client.get(LEDGER)
    assert (len(first.context["found"].rows), first.context["found"].total, first.context["found"].pages) == (
        100,
        525,
        6,
    )
    last = client.get(LEDGER, {"page": "99"})
    assert (last.context["found"].page, shown(last)[-1]) == (6, "619")
    assert '<td class="c-no"><input' in last.content.decode()
    assert "<span>525</span>" in last.content.decode()


def test_empty_ledger_and_no_ledger_say_so(house, county, officer, now):
    other = create_plan(county, year=2021, title="2021年度台账", settings=(), by=officer, now=now)
    client = house.client("officer")
    page = client.get(LEDGER).content.decode()
    assert "台账里还没有事项。" in page
    assert f'<option value="{house.world.plan.pk}">2020年 临江区</option>' in page
    assert f'<option value="{other.pk}" selected>2021年 临江区</option>' in page
    assert shown(client.get(LEDGER, {"plan": house.world.plan.pk})) == ["1", "2", "3", "4", "批"]
    elsewhere = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    assert "还没有年度台账" in house.client("office_head", jurisdiction=elsewhere).get(LEDGER).content.decode()


# ── carried away ──


def test_print_page_holds_the_view_grouped(house):
    page = house.client("officer").get(reverse("ledger_print"), {"group": "field", "state": "open"}).content.decode()
    assert "教育（2 项）" in page
    assert "状态：在办（未销号）" in page
    assert "危房" not in page


def sheet_of(response):
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content)).active


def test_xlsx_has_the_annex_first_and_its_cells_merged(house):
    page = sheet_of(house.client("officer").post(reverse("ledger_xlsx")))
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3)]
    assert rows[0][:6] == ["序号", "具体目标任务", "牵头单位", "责任人", "协办单位", "区分管或联系领导"]
    assert rows[1][:4] == ["1", "新建小学2所，新增学位900个。", "教育局", "陈建雄"]
    assert rows[1][rows[0].index("办结时限")].date() == date(2020, 9, 1)
    merged = sorted(str(one) for one in page.merged_cells.ranges if one.min_row > 3)
    assert merged == ["C6:C7", "D6:D7", "E6:E7", "F6:F7"]
    assert rows[4][2:6] == [None] * 4
    assert (page.freeze_panes, page.print_title_rows) == ("A4", "$3:$3")


def test_exports_honour_filter_and_visibility_and_leave_an_event(house, handed_out):
    page = sheet_of(house.client("officer").post(f"{reverse('ledger_xlsx')}?field=教育"))
    assert [page.cell(row, 1).value for row in range(4, page.max_row + 1)] == ["1", "2"]
    page = sheet_of(house.client("联络员 教育局").post(reverse("ledger_xlsx")))
    assert [page.cell(row, 1).value for row in range(4, page.max_row + 1)] == ["1", "2"]
    events = Event.objects.filter(name="matters.ledger_exported").order_by("pk")
    assert [(event.actor_name, event.data["form"], event.data["count"]) for event in events] == [
        ("officer", "xlsx", 2),
        ("联络员 教育局", "xlsx", 2),
    ]
    assert events[0].data["view"] == "field=%E6%95%99%E8%82%B2"


def test_export_says_what_it_was_narrowed_to_and_holds_the_chosen_columns(house):
    page = sheet_of(house.client("officer").post(f"{reverse('ledger_xlsx')}?livelihood=1&cols=serial.lead.due"))
    assert page.cell(2, 1).value.startswith("2 项（民生）")
    assert [page.cell(3, column).value for column in range(1, page.max_column + 1)] == ["序号", "牵头单位", "办结时限"]


def test_people_are_found_by_sound_while_they_hold_their_post(house):
    Appointment.objects.filter(person__name="陈建雄").update(to_on=clock.today() + timedelta(days=300))
    client = house.client("officer")
    for text in ("cjx", "chenjianxiong", "陈建雄"):
        assert shown(client.get(LEDGER, {"q": text})) == ["1", "2"]


def test_filters_offer_who_has_a_part_in_the_plan(house):
    house.world.unit("无事局")
    house.world.post(None, "副区长（无事）", "无事某", kind="leader")
    page = house.client("officer").get(LEDGER).content.decode()
    assert ("无事局" in page, "无事某" in page, ">财政局<" in page, ">王分管<" in page) == (False, False, True, True)


def test_a_batch_leaves_out_what_has_no_lead(house):
    lost = house.world.registered(text="没有牵头的事项。", leads=(), serial="8")
    registered = [one.pk for one in house.matters.values() if one.state == "registered"]
    client = house.client("officer")
    given = {"step": "assign", "matter": [*registered, lost.pk]}
    page = client.post(reverse("ledger_batch"), given).content.decode()
    assert f"没有牵头单位，不在这次交办之列；其余 {len(registered)} 项可以交办。" in page
    assert client.post(reverse("ledger_batch"), {**given, "confirmed": "1"}).status_code == 302
    lost.refresh_from_db()
    assert (lost.state, Matter.objects.filter(pk__in=registered, state="assigned").count()) == (
        "registered",
        len(registered),
    )
    assert client.post(reverse("ledger_batch"), {"step": "assign", "matter": [lost.pk]}).status_code == 302


def test_csv_runs_nothing_in_a_spreadsheet(house):
    Matter.objects.filter(serial="1").update(text='=HYPERLINK("http://x","点我")', note="+1", deadline_text="@SUM(A1)")
    Matter.objects.filter(serial="2").update(text="-2+3", note="\t=1", deadline_text="＝1")
    response = house.client("officer").post(reverse("ledger_csv"))
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff序号,具体目标任务")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = text.splitlines()
    assert lines[1].startswith('1,"\'=HYPERLINK(""http://x"",""点我"")"')
    assert lines[1].endswith(",'+1")
    assert ",'@SUM(A1)," in lines[1]
    assert lines[2].startswith("2,'-2+3,")
    assert lines[2].endswith(",'\t=1")
    assert ",'＝1," in lines[2]


def test_exports_are_no_get(house):
    client = house.client("officer")
    assert client.get(reverse("ledger_xlsx")).status_code == 405
    assert client.get(reverse("ledger_csv")).status_code == 405


# ── handed out ──


def batch(client, step, *matters, **more):
    return client.post(reverse("ledger_batch"), {"step": step, "matter": [one.pk for one in matters], **more})


def test_batch_registration_is_first_shown_then_done(house):
    client, draft = house.client("officer"), house.matters["批"]
    page = batch(client, "register", draft, house.matters["1"])
    assert page.status_code == 200
    assert page.context["approval"]["basis"] == "经区政府同意"
    assert "1 项不在可立项的状态" in page.content.decode()
    assert Matter.objects.get(pk=draft.pk).state == State.DRAFT
    given = {"basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": "2020-02-01", "document_number": ""}
    assert batch(client, "register", draft, confirmed="1", **given)["Location"] == LEDGER
    done = Matter.objects.get(pk=draft.pk)
    assert (done.state, done.approval.basis, done.approval.approved_on) == (
        "registered",
        "经区政府同意",
        date(2020, 2, 1),
    )


def test_batch_registration_without_a_day_is_refused_and_keeps_what_was_typed(house):
    page = batch(
        house.client("officer"), "register", house.matters["批"], confirmed="1", basis="依据甲", approved_on=""
    )
    assert page.status_code == 400
    assert "请填写批准日期。" in page.content.decode()
    assert page.context["approval"]["basis"] == "依据甲"
    assert Matter.objects.get(pk=house.matters["批"].pk).state == State.DRAFT


def test_batch_registration_on_a_day_that_is_none_is_refused(house):
    page = batch(house.client("officer"), "register", house.matters["批"], confirmed="1", approved_on="2020-02-30")
    assert (page.status_code, "批准日期不是日期：2020-02-30" in page.content.decode()) == (400, True)


def test_batch_assignment(house):
    client = house.client("officer")
    chosen = (house.matters["2"], house.matters["3"])
    assert batch(client, "assign", *chosen).status_code == 200
    assert batch(client, "assign", *chosen, confirmed="1").status_code == 302
    assert sorted(Matter.objects.filter(state="assigned").values_list("serial", flat=True)) == ["1", "2", "3"]


def test_batch_with_nothing_that_fits_says_so(house):
    client = house.client("officer")
    assert batch(client, "assign", house.matters["批"])["Location"] == LEDGER
    assert "没有可交办的事项" in client.get(LEDGER).content.decode()


def test_batch_is_refused_to_those_who_may_not(house):
    assert batch(house.client("director"), "register", house.matters["批"]).status_code == 403
    assert batch(house.client("联络员 教育局"), "assign", house.matters["2"]).status_code == 403
