"""The review desk through its doors: who may, what each step leads to, what two people see of each other."""

import re

import pytest
from django.urls import get_resolver, reverse

from duban.access.rules import Role
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.intake.actions import correct_cell, register_as_read, upload_notice
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.rules import CellField, FindingState, NameKind, NoticeState, RowState
from duban.matters.models import Matter
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit
from tests.web.notice_text import notice_text
from tests.web.test_administration import new_account, signed_in

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def notice(county) -> Notice:
    return upload_notice(county, data=notice_text(), file_name="通知.txt", by=SYSTEM, now=clock.now())


@pytest.fixture
def client(county):
    return signed_in(new_account("ducha", "督查员甲", Role.OFFICER, county=county))


def row_of(notice, serial) -> Row:
    return Row.objects.get(notice=notice, cells__field=CellField.SERIAL, cells__value=serial)


def cell_of(notice, serial, field) -> Cell:
    return Cell.objects.get(row=row_of(notice, serial), field=field)


def at(notice, **query) -> str:
    return reverse("desk", args=[notice.pk]) + "?" + "&".join(f"{key}={value}" for key, value in query.items())


def step(client, notice, row, name, *, version=None, htmx=False, **given):
    address = reverse("desk_row", args=[notice.pk, row.pk, name])
    data = {"version": row.version if version is None else version, **given}
    return client.post(address, data, **(HTMX if htmx else {}))


def settle_everything(client, notice):
    """Do what an officer does, through the doors."""
    for finding in Finding.objects.filter(notice=notice, state=FindingState.OPEN).exclude(kind="unresolved_group"):
        client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "dismiss"]))
    for row in Row.objects.filter(notice=notice, state=RowState.PENDING):
        step(client, notice, row, "accept")
    for name in NameReading.objects.filter(notice=notice, is_decided=False):
        view = "desk_group" if name.kind == NameKind.GROUP else "desk_name"
        client.post(reverse(view, args=[notice.pk, name.pk]), {"version": name.version, "open": "1", "do": "same"})


# ---- who may


PAGES = ("desk", "desk_states", "desk_names", "desk_register", "notice_original")


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.OFFICER, (200, 200, 200, 200, 200)),
        (Role.OFFICE_HEAD, (200, 200, 200, 200, 200)),
        (Role.DIRECTOR, (200, 200, 200, 403, 200)),
        (Role.SYSTEM_ADMIN, (403,) * 5),
        (Role.SECURITY_ADMIN, (403,) * 5),
        (Role.AUDIT_ADMIN, (403,) * 5),
        (None, (403,) * 5),
    ],
)
def test_pages_open_to_the_office_alone(notice, county, role, statuses):
    client = signed_in(new_account("someone", "某人", role, county=county))

    assert tuple(client.get(reverse(name, args=[notice.pk])).status_code for name in PAGES) == statuses


def test_director_looks_and_changes_nothing(notice, county):
    client = signed_in(new_account("banzhuren", "办主任", Role.DIRECTOR, county=county))
    row, cell = row_of(notice, "1"), cell_of(notice, "1", CellField.TEXT)
    finding = Finding.objects.filter(notice=notice).first()
    name = NameReading.objects.filter(notice=notice, kind=NameKind.GROUP).first()
    posts = [
        ("desk_row", (row.pk, "accept"), {"version": row.version}),
        ("desk_row", (row.pk, "reject"), {"version": row.version, "reason": "重复"}),
        ("desk_cell", (cell.pk, "correct"), {"version": cell.version, "value": "改"}),
        ("desk_finding", (finding.pk, "dismiss"), {}),
        ("desk_accept_all", (), {"rows": f"{row.pk}.{row.version}"}),
        ("desk_row_new", (), {"text": "新事项"}),
        ("desk_header", (), {"title": "改", "year": "2020"}),
        ("desk_group", (name.pk,), {"version": name.version, "open": "1"}),
        ("desk_name", (name.pk,), {"version": name.version, "do": "same"}),
        ("desk_register", (), {}),
        ("notice_discard", (), {"reason": "试试"}),
    ]

    before = _everything()
    answers = [client.post(reverse(view, args=[notice.pk, *args]), data).status_code for view, args, data in posts]

    assert answers == [403] * len(posts)
    assert _everything() == before
    assert 'data-key="a"' not in client.get(at(notice, row=row.pk)).content.decode()


def test_another_place_finds_nothing(notice, db):
    other = Jurisdiction.objects.create(level="county", name="临江市北山县", short_name="北山县")
    client = signed_in(new_account("beishan", "北山督查员", Role.OFFICER, county=other))
    row = row_of(notice, "1")

    assert [client.get(reverse(name, args=[notice.pk])).status_code for name in PAGES] == [404] * 5
    assert step(client, notice, row, "accept").status_code == 404
    assert client.get(reverse("notices")).content.decode().count(notice.title) == 0


def test_rows_cells_and_findings_of_another_notice_are_not_found(notice, client, county):
    second = upload_notice(county, data=notice_text(rows=6), file_name="二.txt", by=SYSTEM, now=clock.now())
    row, cell = row_of(second, "6"), cell_of(second, "6", CellField.TEXT)
    finding = Finding.objects.filter(notice=second).first()
    name = NameReading.objects.filter(notice=second).first()

    addresses = [
        reverse("desk_row", args=[notice.pk, row.pk, "accept"]),
        reverse("desk_cell", args=[notice.pk, cell.pk, "correct"]),
        reverse("desk_finding", args=[notice.pk, finding.pk, "dismiss"]),
        reverse("desk_name", args=[notice.pk, name.pk]),
        reverse("desk_group", args=[notice.pk, name.pk]),
        reverse("desk_row", args=[second.pk, row.pk, "burn"]),
        reverse("desk_cell", args=[second.pk, cell.pk, "burn"]),
        reverse("desk_finding", args=[second.pk, finding.pk, "burn"]),
    ]
    assert [client.post(address, {"version": 1}).status_code for address in addresses] == [404] * 8
    assert client.get(at(notice, row=row.pk)).status_code == 404
    assert client.get(reverse("desk_states", args=[notice.pk]) + f"?row={row.pk}&seen=1.1").status_code == 404
    assert client.get(at(notice, row="9" * 40)).status_code == 200


def _everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Notice, Row, Cell, Finding, NameReading, Matter, Unit)
    ]


def test_reading_writes_nothing(notice, client):
    row = row_of(notice, "4")
    group = NameReading.objects.filter(notice=notice, kind=NameKind.GROUP).first()
    client.get(reverse("desk", args=[notice.pk]))
    before, events = _everything(), Event.objects.count()

    for address in (
        at(notice, row="notice"),
        at(notice, row=row.pk, edit="lead_units"),
        at(notice, row=row.pk, ask="reject"),
        at(notice, ask="accept-all"),
        at(notice, ask="new"),
        at(notice, ask="keys", order="notice"),
        at(notice, row=row_of(notice, "1").pk, group=group.name),
        reverse("desk_states", args=[notice.pk]) + f"?row={row.pk}&seen=0.0",
        reverse("desk_names", args=[notice.pk]) + f"?name={group.pk}",
        reverse("desk_register", args=[notice.pk]),
        reverse("notice_original", args=[notice.pk]),
        reverse("notices"),
        reverse("notice_upload"),
    ):
        assert client.get(address).status_code == 200

    assert _everything() == before
    assert Event.objects.count() == events


def test_steps_are_posts_only(notice, client):
    resolver = get_resolver()
    names = [name for name in resolver.reverse_dict if isinstance(name, str) and name.startswith("desk_")]
    pages = {"desk_states", "desk_names", "desk_register"}

    for name in set(names) - pages:
        pattern = resolver.reverse_dict.getlist(name)[0][0][0]
        args = [notice.pk, 1, "accept"][: len(pattern[1])]
        assert client.get(reverse(name, args=args)).status_code == 405, name


# ---- what each step leads to


def test_desk_opens_where_the_work_goes_on(notice, client):
    page = client.get(reverse("desk", args=[notice.pk])).content.decode()

    first = Row.objects.get(
        pk=Finding.objects.filter(notice=notice, row__isnull=False)
        .exclude(kind="unresolved_group")
        .order_by("order")
        .first()
        .row_id
    )
    serial = cell_of_row(first)
    assert f"第 {serial} 项" in page
    assert re.search(r'<li id="line-\d+" class="is-lit">', page)


def cell_of_row(row) -> str:
    return Cell.objects.get(row=row, field=CellField.SERIAL).value


def test_inherited_row_shows_its_origin_and_is_confirmed_by_passing_it(notice, client):
    row = row_of(notice, "4")
    page = client.get(at(notice, row=row.pk)).content.decode()
    assert "沿用上行" in page
    assert "is-unconfirmed" in page
    assert 'class="is-from"' in page

    for finding in row.findings.filter(state=FindingState.OPEN):
        client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "dismiss"]))
    row.refresh_from_db()
    answer = step(client, notice, row, "accept")

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (302, RowState.ACCEPTED)
    assert Cell.objects.filter(row=row, is_confirmed=False).count() == 0
    assert Cell.objects.get(row=row, field=CellField.LEAD_UNITS).settled_by_name == "督查员甲"


def test_one_key_accepts_what_a_finding_suggests(county, client):
    text = notice_text(rows=8).decode().replace("发改局\t许文博\t财政局\t陈思远", "教育局\t林一鸣\t财政局\t王致和")
    text = text.replace("4\t深化教育督导。\t\t\t\t", "4\t深化教育督导。\t教育局\t林一鸣\t财政局\t")
    notice = upload_notice(county, data=text.encode(), file_name="缺.txt", by=SYSTEM, now=clock.now())
    row = row_of(notice, "4")
    finding = row.findings.get(kind="blank_cell")
    page = client.get(at(notice, row=row.pk)).content.decode()
    assert re.search(r"建议：<b>区分管或联系领导改为 王致和</b>", page)

    client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "accept"]))

    cell = cell_of(notice, "4", CellField.OVERSEERS)
    assert (cell.value, cell.settled_by_name) == ([{"name": "王致和", "qualifier": None}], "督查员甲")
    assert client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "accept"])).status_code == 409
    client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "reopen"]))
    cell.refresh_from_db()
    assert cell.value == []


def test_accepting_goes_to_the_next_pending_row_and_the_last_to_registration(notice, client):
    for finding in Finding.objects.filter(notice=notice):
        client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "dismiss"]))
    visited = []
    address = reverse("desk", args=[notice.pk]) + "?order=notice"
    for _ in range(4):
        row = Row.objects.filter(notice=notice, state=RowState.PENDING).order_by("order").first()
        visited.append(cell_of_row(row))
        reply = client.post(
            reverse("desk_row", args=[notice.pk, row.pk, "accept"]) + "?order=notice", {"version": row.version}
        )
        address = reply.url
    assert visited == ["1", "2", "3", "4"]
    assert "row=notice" in address
    assert "各行都已核对，可以立项" in client.get(address).content.decode()


def test_rejecting_keeps_the_reason_and_reopening_takes_it_back(notice, client):
    row = row_of(notice, "3")
    step(client, notice, row, "reject", reason="与第2项重复")
    row.refresh_from_db()
    assert row.state == RowState.REJECTED
    assert Event.objects.get(name=EventName.ROW_REJECTED).data["reason"] == "与第2项重复"

    step(client, notice, row, "reopen")
    row.refresh_from_db()
    assert row.state == RowState.PENDING


def test_correcting_a_cell_takes_names_with_qualifiers(notice, client):
    cell = cell_of(notice, "3", CellField.LEAD_UNITS)

    address = reverse("desk_cell", args=[notice.pk, cell.pk, "correct"])
    answer = client.post(address, {"version": cell.version, "value": "商务局（口岸办）、教育局"})

    cell.refresh_from_db()
    assert answer.status_code == 302
    assert "cell=lead_units" in answer.url
    assert cell.value == [{"name": "商务局", "qualifier": "口岸办"}, {"name": "教育局", "qualifier": None}]
    page = client.get(answer.url).content.decode()
    assert "人工更正 " in page or "人工更正" in page
    assert "原读作：发改局" in page


def test_empty_task_is_refused_and_what_was_typed_stays(notice, client):
    cell = cell_of(notice, "3", CellField.TEXT)

    answer = client.post(
        reverse("desk_cell", args=[notice.pk, cell.pk, "correct"]), {"version": cell.version, "value": "  "}
    )

    assert answer.status_code == 400
    assert "具体目标任务不能空着" in answer.content.decode()
    cell.refresh_from_db()
    assert cell.value == "推进数据共享。"


def test_who_comes_second_sees_both_values_and_chooses(notice, client, county, officer):
    cell = cell_of(notice, "3", CellField.PERSONS)
    seen = cell.version
    correct_cell(cell, value="何其正", version=seen, by=officer, now=clock.now())
    address = reverse("desk_cell", args=[notice.pk, cell.pk, "correct"])

    refused = client.post(address, {"version": seen, "value": "许文波"})

    page = refused.content.decode()
    assert refused.status_code == 409
    assert re.search(r"督查员甲 \d\d:\d\d 改为 <b>何其正</b>；您填的是 <b>许文波</b>", page)
    cell.refresh_from_db()
    assert cell.value == [{"name": "何其正", "qualifier": None}]
    version = re.search(r'name="version" value="(\d+)">\s*<textarea', page)[1]
    client.post(address, {"version": version, "value": "许文波"})
    cell.refresh_from_db()
    assert cell.value == [{"name": "许文波", "qualifier": None}]


def test_row_changed_meanwhile_is_not_passed_unseen(notice, client, officer):
    row = row_of(notice, "3")
    seen = row.version
    correct_cell(cell_of(notice, "3", CellField.PERSONS), value="何其正", version=1, by=officer, now=clock.now())

    answer = step(client, notice, row, "accept", version=seen)

    assert answer.status_code == 409
    assert "刚刚改了这一行" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == RowState.PENDING


@pytest.mark.parametrize("version", ["", "x", "1" * 30, "-1"])
def test_broken_version_is_refused(notice, client, version):
    assert step(client, notice, row_of(notice, "1"), "accept", version=version).status_code == 400


def test_strip_tells_that_somebody_else_changed_the_row(notice, client, officer):
    row = row_of(notice, "3")
    page = client.get(at(notice, row=row.pk)).content.decode()
    poll = re.search(r'hx-get="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "刚刚改动了此行" not in client.get(poll, **HTMX).content.decode()

    correct_cell(cell_of(notice, "3", CellField.PERSONS), value="何其正", version=1, by=officer, now=clock.now())

    strip = client.get(poll, **HTMX).content.decode()
    assert "督查员甲刚刚改动了此行" in strip
    assert "<main" not in strip


def test_htmx_gets_the_desk_alone_and_the_address_of_the_next_row(notice, client):
    for finding in Finding.objects.filter(notice=notice):
        client.post(reverse("desk_finding", args=[notice.pk, finding.pk, "dismiss"]))
    row = row_of(notice, "1")

    answer = step(client, notice, row, "accept", htmx=True)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="desk"')
    assert re.search(r"row=\d+", answer["HX-Replace-Url"])
    assert answer["HX-Replace-Url"] != at(notice, row=row.pk, order="findings")


def test_accept_all_names_the_count_and_leaves_doubtful_rows(notice, client):
    page = client.get(at(notice, ask="accept-all")).content.decode()
    shown = int(re.search(r"有 <b>(\d+)</b> 行没有疑点", page)[1])
    rows = re.search(r'name="rows" value="([^"]+)"', page)[1]
    assert shown == len(rows.split(","))

    client.post(reverse("desk_accept_all", args=[notice.pk]), {"rows": rows})

    assert Row.objects.filter(notice=notice, state=RowState.ACCEPTED).count() == shown
    assert row_of(notice, "4").state == RowState.PENDING
    for broken in ("1.x", "1", "9" * 30 + ".1", "1." + "9" * 30):
        assert client.post(reverse("desk_accept_all", args=[notice.pk]), {"rows": broken}).status_code == 400


def test_missing_row_is_added_and_the_next_serial_proposed(county, client):
    notice = upload_notice(county, data=notice_text(rows=4, declared=6), file_name="缺.txt", by=SYSTEM, now=clock.now())
    page = client.get(at(notice, ask="new")).content.decode()
    assert 'name="serial" value="5"' in page

    typed = {
        "serial": "5",
        "text": "建成口袋公园2个。",
        "lead_units": "城管局（园林处）",
        "persons": "何其正",
        "again": "1",
    }
    answer = client.post(reverse("desk_row_new", args=[notice.pk]), typed)

    row = row_of(notice, "5")
    assert row.state == RowState.ACCEPTED
    assert cell_of(notice, "5", CellField.LEAD_UNITS).value == [{"name": "城管局", "qualifier": "园林处"}]
    assert 'name="serial" value="6"' in client.get(answer.url).content.decode()
    refused = client.post(reverse("desk_row_new", args=[notice.pk]), {"serial": "6", "lead_units": "教育局"})
    assert refused.status_code == 400
    assert 'name="lead_units" value="教育局"' in refused.content.decode()


def test_notice_itself_can_be_corrected(notice, client):
    address = reverse("desk_header", args=[notice.pk])
    given = {"title": "重点工作责任分解", "document_number": "临政办〔2020〕6号", "issuer": "区政府办", "year": "2020"}

    seen = client.get(reverse("desk", args=[notice.pk]), {"row": "notice", "ask": "header"}).context["seen_header"]
    client.post(address, {**given, "issued_on": "2020-01-21", "seen": seen})

    notice.refresh_from_db()
    assert (notice.document_number, notice.issued_on.isoformat()) == ("临政办〔2020〕6号", "2020-01-21")
    assert client.post(address, {**given, "issued_on": "昨天"}).status_code == 400
    assert client.post(address, {**given, "year": "二〇"}).status_code == 400


# ---- names and groups


def test_group_is_decided_for_all_rows_and_otherwise_for_one(notice, client):
    group = NameReading.objects.get(notice=notice, name="相关镇（街道）", row=None)
    address = reverse("desk_group", args=[notice.pk, group.pk])
    assert client.post(address, {"version": group.version}).status_code == 400

    client.post(address, {"version": group.version, "member": ["南桥镇", "北岭镇"]})
    group.refresh_from_db()
    assert group.members == ["南桥镇", "北岭镇"]

    row = row_of(notice, "1")
    client.post(address, {"version": group.version, "member": ["北岭镇"], "row": row.pk})
    own = NameReading.objects.get(notice=notice, row=row)
    assert own.members == ["北岭镇"]
    page = client.get(at(notice, row=row.pk)).content.decode()
    assert "＝ 北岭镇（1）" in page
    assert "只对本行" in page
    stale = client.post(address, {"version": 1, "member": ["南桥镇"]})
    assert stale.status_code == 409


def test_unit_and_person_are_decided_and_stale_versions_refused(notice, client, county):
    unit = NameReading.objects.get(notice=notice, kind=NameKind.UNIT, name="发改局")
    address = reverse("desk_name", args=[notice.pk, unit.pk])

    client.post(
        address, {"version": unit.version, "kind": "unit", "unit_name": "发展和改革局", "unit_type": "department"}
    )
    unit.refresh_from_db()
    assert unit.unit_name == "发展和改革局"
    assert client.post(address, {"version": 1, "kind": "unit", "unit_name": "发改委"}).status_code == 409
    assert client.post(address, {"version": unit.version, "kind": "unit", "unit": "999999"}).status_code == 400

    person = NameReading.objects.get(notice=notice, kind=NameKind.PERSON, name="林一鸣")
    given = {"kind": "person", "unit_name": person.unit_name, "post_kind": "responsible", "post_title": "副局长"}
    client.post(reverse("desk_name", args=[notice.pk, person.pk]), {"version": person.version, **given})
    person.refresh_from_db()
    assert (person.post_kind, person.post_title) == ("responsible", "副局长")
    assert "副局长" in client.get(reverse("desk_names", args=[notice.pk])).content.decode()


# ---- registration


def test_registering_waits_for_what_is_open_and_then_makes_the_ledger(notice, client):
    address = reverse("desk_register", args=[notice.pk])
    page = client.get(address).content.decode()
    assert 'value="经区政府同意"' in page
    assert 'value="临政办〔2020〕5号"' in page
    given = {
        "basis": "经区政府同意",
        "approved_by_name": "临江区人民政府",
        "approved_on": "2020-01-20",
        "document_number": "临政办〔2020〕5号",
    }
    assert client.post(address, given).status_code == 409
    assert Matter.objects.count() == 0

    settle_everything(client, notice)
    assert client.post(address, {**given, "approved_on": "2020-13-40"}).status_code == 400
    answer = client.post(address, given)

    notice.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse("ledger"))
    assert notice.state == NoticeState.REGISTERED
    assert Matter.objects.count() == 4
    assert {str(one) for one in answer.wsgi_request._messages} == {"已立项 4 项。"}
    assert client.post(address, given).status_code == 409
    assert client.get(reverse("desk", args=[notice.pk])).status_code == 200
    assert step(client, notice, row_of(notice, "1"), "reopen").status_code == 409


# ---- cost


@pytest.mark.parametrize("rows", [3, 30])
def test_desk_costs_the_same_for_three_rows_and_thirty(client, county, rows, django_assert_num_queries):
    notice = upload_notice(county, data=notice_text(rows=rows), file_name="通知.txt", by=SYSTEM, now=clock.now())
    address = at(notice, row=row_of(notice, "1").pk)
    client.get(address)

    with django_assert_num_queries(16):  # one asks for an earlier year, whose matters would stand beside the row
        client.get(address)
    row = row_of(notice, "1")
    with django_assert_num_queries(13):
        client.get(reverse("desk_states", args=[notice.pk]) + f"?row={row.pk}&seen=1.1")
    with django_assert_num_queries(8):
        client.get(reverse("desk_names", args=[notice.pk]))


# ---- what the office knows already


@pytest.fixture
def later(notice, client, county) -> Notice:
    """A second notice in which another stands for the head of 发改局, after the first was registered."""
    register_as_read(notice, by=SYSTEM, now=clock.now())
    text = notice_text().decode().replace("许文博", "何其正").replace("5号", "6号").replace("住建局", "住房局")
    return upload_notice(county, data=text.encode(), file_name="二.txt", by=SYSTEM, now=clock.now())


def heads_of(county, unit) -> list[tuple[str, bool]]:
    terms = Appointment.objects.filter(post__unit__name=unit, post__unit__jurisdiction=county).order_by("pk")
    return [(one.person.name, one.to_on is None) for one in terms.select_related("person")]


@pytest.mark.parametrize(
    ("button", "heads"),
    [
        ("same", [("许文博", False), ("何其正", True)]),
        ("beside", [("许文博", True), ("何其正", True)]),
        ("misprint", [("许文博", True)]),
    ],
)
def test_another_name_for_a_head_is_answered_by_one_of_three_buttons(later, client, county, button, heads):
    reading = NameReading.objects.get(notice=later, name="何其正")
    page = client.get(reverse("desk_names", args=[later.pk]) + f"?name={reading.pk}").content.decode()
    assert "何其正接任（许文博离任）" in page
    assert "另设岗位（许文博不变）" in page
    assert "就是许文博（更正姓名）" in page

    holder = Person.objects.get(jurisdiction=county, name="许文博")
    given = {"version": reading.version, "do": button, "holder": holder.pk}
    assert client.post(reverse("desk_name", args=[later.pk, reading.pk]), given).status_code == 302

    Notice.objects.filter(pk=later.pk).update(issued_on="2020-01-25")
    later.refresh_from_db()
    register_as_read(later, by=SYSTEM, now=clock.now())
    assert heads_of(county, "发改局") == heads


def test_unit_the_directory_lacks_is_offered_those_most_alike(later, client, county):
    reading = NameReading.objects.get(notice=later, name="住房局")
    known = Unit.objects.get(jurisdiction=county, name="住建局")
    page = client.get(reverse("desk_names", args=[later.pk]) + f"?name={reading.pk}").content.decode()
    assert f'name="unit" value="{known.pk}"' in page
    assert "是新单位“住房局”" in page

    client.post(reverse("desk_name", args=[later.pk, reading.pk]), {"version": reading.version, "unit": known.pk})

    reading.refresh_from_db()
    assert (reading.unit, reading.is_decided) == (known, True)


def test_notice_of_the_same_number_leads_to_the_first(notice, client, county):
    again = notice_text().decode().encode("gb18030")
    second = upload_notice(county, data=again, file_name="二.txt", by=SYSTEM, now=clock.now())
    page = client.get(at(second, row="notice")).content.decode()
    assert f'href="{reverse("desk", args=[notice.pk])}"' in page
    assert "看过，不是重复" in page
    assert client.get(reverse("notices")).content.decode().count("文号重复") == 2


# ---- serials


def test_row_entered_twice_is_told_at_once_and_struck_out_by_one_button(notice, client):
    typed = {"serial": "2", "text": "又一项。"}
    page = client.post(reverse("desk_row_new", args=[notice.pk]), typed, **HTMX).content.decode()
    assert "已补录第2项。注意：序号 2 已有（原文第11行），现在重复了" in page
    added = Row.objects.get(notice=notice, source_line=None)
    page = client.get(at(notice, row=added.pk)).content.decode()
    assert "剔除这一补录行" in page

    step(client, notice, added, "reject", reason="补录有误")

    added.refresh_from_db()
    assert added.state == RowState.REJECTED


def test_serial_corrected_to_one_that_stands_is_told_at_once(notice, client):
    cell = cell_of(notice, "3", CellField.SERIAL)
    given = {"version": cell.version, "value": "2"}
    page = client.post(reverse("desk_cell", args=[notice.pk, cell.pk, "correct"]), given, **HTMX).content.decode()
    assert "注意：序号 2 已有（原文第11行）" in page


def test_missing_rows_light_the_gap_between_their_neighbours(county, client):
    text = notice_text(rows=4, declared=4).decode()
    text = "\n".join(line for line in text.splitlines() if not line.startswith("2\t"))
    notice = upload_notice(county, data=text.encode(), file_name="缺.txt", by=SYSTEM, now=clock.now())
    page = client.get(at(notice, row="notice")).content.decode()
    lit = {int(one) for one in re.findall(r'id="line-(\d+)" class="is-lit"', page)}
    assert lit == {row_of(notice, "1").source_line, row_of(notice, "3").source_line}
    register = client.get(reverse("desk_register", args=[notice.pk])).content.decode()
    assert "还缺第 2 项" in register
