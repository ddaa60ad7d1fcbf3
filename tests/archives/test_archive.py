"""The archive of a year: whole, readable without us, the same twice, checked with standard tools."""

import hashlib
import json
import re
import subprocess
import tracemalloc
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import PurePosixPath

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from duban.archives.actions import close_plan, reopen_plan
from duban.archives.queries import LEFT_OUT, TABLES, whole_of
from duban.archives.queries.sheets import SHEETS
from duban.archives.rules.packing import MANIFEST, Packing, check_archive, ending_of, is_safe_path
from duban.archives.rules.trail import check_trail
from duban.audit.models import Event
from duban.core.files import path_of
from duban.evidence.examining import NewFile
from duban.evidence.models import Evidence
from duban.interviews.actions import OnPaper, approve_interview
from duban.interviews.models import DecisionScan
from duban.letters.actions import NewItem, issue_letter, sign_letter, write_letter
from duban.letters.rules import LetterKind
from duban.matters.actions import adopt_policy, edit_matter
from duban.matters.actions.entry import MatterEdit
from duban.matters.models import Matter, Plan
from duban.matters.policy import default_preset, read_figures
from duban.papers.models import IssuedPaper
from duban.progress.models import LookBack
from duban.reports.models import Report
from tests.archives.builders import closed, dangling, following, told, waived, with_proof, written
from tests.archives.write_schema import PATH, text
from tests.evidence.files import PDF
from tests.interviews.builders import APPROVED, applied, red_twice
from tests.letters.builders import staff
from tests.visits.builders import planned

pytestmark = pytest.mark.django_db


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(content))


def data_of(content: bytes, name: str) -> list | dict:
    return json.loads(opened(content).read(f"data/{name}.json"))


# ── names ──


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("现场.PNG", ".png"),
        ("a.tar.gz", ".gz"),
        ("无", ".bin"),
        ("x.超长", ".bin"),
        ("y.a b", ".bin"),
    ],
)
def test_only_plain_endings_are_kept(name, ending):
    assert ending_of(name) == ending


@pytest.mark.parametrize(
    ("path", "is_safe"),
    [
        ("index.html", True),
        ("evidence/ab/ab12.png", True),
        ("../x", False),
        ("a/../b", False),
        ("/etc/passwd", False),
        ("C:/x", False),
        ("a//b", False),
        ("文件.txt", False),
        ("a\\b", False),
        ("", False),
        (".hidden", False),
    ],
)
def test_paths_unpack_where_they_belong(path, is_safe):
    assert is_safe_path(path) is is_safe


@pytest.mark.parametrize("path", ["../x", MANIFEST, "文件.txt"])
def test_no_other_path_is_packed(path):
    with pytest.raises(ValueError):
        Packing(BytesIO()).add(path, [b""])


# ── what is in it ──


def test_every_file_is_in_the_manifest_with_its_digest(world):
    with_proof(world, world.started(serial="1"))
    content = written(world)
    packed = opened(content)
    told_of = dict(reversed(line.split("  ")) for line in packed.read(MANIFEST).decode().splitlines())
    assert set(told_of) == set(packed.namelist()) - {MANIFEST}
    assert {path: hashlib.sha256(packed.read(path)).hexdigest() for path in told_of} == told_of
    assert packed.testzip() is None
    assert all(is_safe_path(one) for one in packed.namelist())


def test_manifest_is_checked_by_sha256sum(world, tmp_path):
    closed(world)
    opened(written(world)).extractall(tmp_path)
    run = subprocess.run(["sha256sum", "-c", "--strict", MANIFEST], cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    (tmp_path / "index.html").write_text("别的")
    run = subprocess.run(["sha256sum", "-c", "--quiet", MANIFEST], cwd=tmp_path, capture_output=True, check=False)
    assert (run.returncode, "index.html" in run.stdout.decode()) == (1, True)


def test_evidence_lies_in_it_byte_for_byte_and_the_same_bytes_once(world):
    one, other = world.started(serial="1"), world.started(serial="2")
    first, second = with_proof(world, one), with_proof(world, other, name="另一张.png")
    assert first.digest == second.digest
    packed = opened(written(world))
    found = [path for path in packed.namelist() if path.startswith("evidence/")]
    assert found == [f"evidence/{first.digest[:2]}/{first.digest}.png"]
    assert packed.read(found[0]) == path_of(first.digest).read_bytes()


def test_frozen_papers_lie_in_it_as_pdf_and_docx(world, office_head):
    staff(world)
    matter = world.started()
    letter = _letter(world, matter)
    issue_letter(sign_letter(letter, by=office_head, now=world.now), **told(world, world.officer))
    paper = IssuedPaper.objects.get()
    packed = opened(written(world))
    assert [one for one in packed.namelist() if one.startswith("documents/")] == [
        f"documents/letter/{paper.pk:06}.pdf",
        f"documents/letter/{paper.pk:06}.docx",
    ]
    assert packed.read(f"documents/letter/{paper.pk:06}.pdf") == path_of(paper.pdf_digest).read_bytes()
    assert paper.number_text in packed.read("documents.html").decode()


def _letter(world, matter):
    items = [NewItem(matter, "进度偏慢。")]
    given = {"unit": world.unit("教育局"), "kind": LetterKind.REMIND, "items": items}
    return write_letter(world.plan, **given, **told(world, world.officer))


def test_a_file_that_is_gone_is_named_and_the_rest_is_there(world):
    proof = with_proof(world, world.started())
    path_of(proof.digest).unlink()
    target = BytesIO()
    whole = whole_of(world.plan, target, today=world.now.date())
    assert whole.missing == ["佐证 现场.png"]
    content = target.getvalue()
    assert data_of(content, "archive")["missing"] == ["佐证 现场.png"]
    assert "没有放进来：佐证 现场.png" in opened(content).read("index.html").decode()
    checked = check_archive(BytesIO(content))
    assert (checked.is_whole, checked.missing) == (True, ["佐证 现场.png"])


def test_a_file_that_was_changed_on_the_disk_is_not_passed_off_as_evidence(world):
    proof = with_proof(world, world.started())
    path_of(proof.digest).write_bytes(b"other")
    target = BytesIO()
    assert whole_of(world.plan, target, today=world.now.date()).missing == ["佐证 现场.png"]
    assert not [one for one in opened(target.getvalue()).namelist() if one.startswith("evidence/")]


# ── data ──


def test_data_is_as_the_schema_says(world):
    with_proof(world, world.started(serial="1"))
    world.closed(serial="2")
    content = written(world)
    schema = json.loads(PATH.read_text("utf-8"))
    assert json.loads(opened(content).read("data/schema.json")) == schema
    names = {PurePosixPath(one).stem for one in opened(content).namelist() if one.startswith("data/")} - {"schema"}
    assert names == set(schema["$defs"])
    for name in names:
        validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
        assert [error.message for error in validator.iter_errors(data_of(content, name))] == []
    assert data_of(content, "archive")["counts"]["matters"] == 2


def test_schema_in_the_documents_is_that_of_the_tables():
    assert PATH.read_text("utf-8") == text(), "python -m tests.archives.write_schema, then look at the difference"


def test_schema_refuses_what_no_archive_holds():
    schema = json.loads(PATH.read_text("utf-8"))
    validator = Draft202012Validator({"$ref": "#/$defs/matters", "$defs": schema["$defs"]})
    assert not validator.is_valid([{"id": 1, "serial": "1"}])
    Draft202012Validator.check_schema(schema)


def test_every_table_is_archived_or_left_out_for_a_reason():
    ours = {
        one._meta.label for one in apps.get_models(include_auto_created=True) if one.__module__.startswith("duban.")
    }
    archived = {one.model._meta.label for one in TABLES}
    assert ours - archived - set(LEFT_OUT) == set()
    assert archived & set(LEFT_OUT) == set()
    assert set(LEFT_OUT) - ours == set()
    assert len({one.name for one in TABLES}) == len(TABLES)


def test_telephones_and_addresses_of_people_stay_at_home(world):
    world.closed()
    row = data_of(written(world), "people")
    assert all(set(one) == {"id", "jurisdiction_id", "name", "version"} for one in row)


def test_what_a_unit_keeps_to_itself_stays_with_it(world):
    matter = world.started()
    unit = world.unit("教育局")
    month = {"unit": unit, "matter": matter, "month": date(2020, 2, 1), "written_at": world.now}
    LookBack.objects.create(done="内部记录", written_by_name="张某", **month)
    given = {"matter": matter, "unit": unit, "report_day": date(2020, 6, 20), "saved_at": world.now}
    Report.objects.create(text="还没有报出来的话", chars=8, **given)
    content = written(world)
    packed = opened(content)
    whole = "".join(packed.read(one).decode() for one in packed.namelist() if one.endswith((".json", ".html")))
    assert (data_of(content, "look_backs"), data_of(content, "reports")) == ([], [])
    assert "内部记录" not in whole
    assert "还没有报出来的话" not in whole


def test_other_years_are_not_in_it(world):
    world.started(text="今年的事。")
    later = following(world)
    Matter.objects.filter(pk=world.registered(text="明年的事。").pk).update(plan=later)
    assert [one["text"] for one in data_of(written(world), "matters")] == ["今年的事。"]


def test_nothing_leads_to_a_row_that_is_not_there(world):
    planned(world)
    with_proof(world, world.started(serial="1"))
    world.closed(serial="2")
    content = written(world)
    assert dangling(BytesIO(content)) == []
    (check,) = data_of(content, "planned_checks")
    assert check["approval_id"] in {one["id"] for one in data_of(content, "approvals")}


# ── what is of the year ──


def test_the_years_plan_of_checks_is_in_it_with_its_approval(world):
    check = planned(world)
    content = written(world)
    book = load_workbook(BytesIO(opened(content).read("archive.xlsx")))
    row = dict(zip([one.value for one in book["督查计划"][1]], [one.value for one in book["督查计划"][2]], strict=True))
    assert (row["名称"], row["审批依据"], row["批准人"]) == (check.title, "经区政府同意", "区政府")
    assert [one.value for one in book["计划督查的单位"][2]][::2] == [check.title, "教育局"]
    page = opened(content).read("year.html").decode()
    for words in ("<h2>督查计划</h2>", check.title, "经区政府同意", "<h2>督查规则</h2>"):
        assert words in page


def test_every_version_of_the_rules_lies_in_it_as_a_file_that_can_be_replayed(world):
    plan = Plan.objects.select_related("policy").get()
    figures = plan.policy.values()
    figures["lights"]["gap_yellow_points"] = 5
    adopt_policy(plan, figures=figures, reason="从严。", version=plan.policy.number, **told(world))
    packed = opened(written(world))
    paths = [one for one in packed.namelist() if one.startswith("policies/")]
    assert paths == ["policies/001.toml", "policies/002.toml"]
    held = [read_figures(packed.read(one).decode(), base=default_preset().values) for one in paths]
    assert [one["lights"]["gap_yellow_points"] for one in held] == [10, 5]
    assert "从严。" in packed.read("year.html").decode()


def test_every_room_has_its_sheet():
    of_the_year = {
        "督查计划", "核验名单", "考查核验", "核验逐条结果", "约谈", "约谈记录", "约谈要求", "约谈复查", "复核", "考评",
        "领导评价", "督查规则", "通报", "函件", "批示", "存档公文",
    }  # fmt: skip
    assert of_the_year <= {one.name for one in SHEETS}
    assert len({one.name for one in SHEETS}) == len(SHEETS)
    assert {one.table for one in SHEETS} <= {one.name for one in TABLES}


# ── the workbook ──


def test_workbook_is_read_by_spreadsheets(world):
    matter = world.started(serial="1", text="=1+1 新建小学1所。")
    with_proof(world, matter)
    book = load_workbook(BytesIO(opened(written(world)).read("archive.xlsx")))
    assert book.sheetnames[:3] == ["台账", "应办事宜", "变更"]
    page = book["台账"]
    assert [one.value for one in page[1]][:3] == ["序号", "具体目标任务", "牵头单位"]
    assert [one.value for one in page[2]][:3] == ["1", "=1+1 新建小学1所。", "教育局"]
    assert page["B2"].data_type == "s"
    assert (page["I2"].value.date(), page.freeze_panes) == (matter.due_on, "A2")
    owed = {(row[2].value, row[4].value.date(), row[5].value) for row in book["应办事宜"].iter_rows(min_row=2)}
    assert ("办结时限", matter.due_on, "待办") in owed
    assert [one.value for one in book["佐证材料"][2]][:5] == ["1", "教育局", "文件", "现场", "现场.png"]


# ── pages ──


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.scripts = [], 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.targets += [given[one] for one in ("href", "src") if one in given]
        self.scripts += tag == "script" or any(name.startswith("on") for name in given)


def test_pages_lead_to_files_of_the_archive_and_run_nothing(world):
    with_proof(world, world.started(serial="1", text="<script>alert(1)</script>"))
    packed = opened(written(world))
    pages = [one for one in packed.namelist() if one.endswith(".html")]
    assert len(pages) == 4
    for path in pages:
        found = Links()
        found.feed(packed.read(path).decode())
        folder = PurePosixPath(path).parent
        targets = {str(PurePosixPath(_normal(folder / one))) for one in found.targets}
        assert targets - set(packed.namelist()) == set()
        assert found.scripts == 0
        assert not re.search(r"https?://", packed.read(path).decode())


def test_paper_a_leader_decided_on_lies_in_the_archive(world):
    red_twice(world)
    interview = applied(world)
    paper = OnPaper(APPROVED.date(), NewFile("批示件.pdf", BytesIO(PDF)))
    approve_interview(interview, seen=interview.version, paper=paper, by=world.officer, now=APPROVED)
    content = written(world)
    scan = DecisionScan.objects.get()
    path = f"documents/decisions/{scan.pk:06}.pdf"
    assert opened(content).read(path) == PDF
    assert path in opened(content).read("documents.html").decode()
    assert [one["file_name"] for one in data_of(content, "interview_scans")] == ["批示件.pdf"]


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for one in path.parts:
        parts = parts[:-1] if one == ".." else [*parts, one]
    return "/".join(parts)


def test_page_of_a_matter_tells_its_life(world):
    matter = world.started(serial="3", text="新建小学1所。")
    with_proof(world, matter)
    page = opened(written(world)).read(f"matters/{matter.pk:06}.html").decode()
    for words in ("第3项", "新建小学1所。", "教育局", "现场.png", "立项", "交办", "签收", "提交佐证材料"):
        assert words in page


def test_open_plan_says_that_it_is_not_closed(world):
    world.started()
    assert "还没有办结，内容截至2020年2月3日" in opened(written(world)).read("index.html").decode()
    waived(world)


# ── the same twice ──


def test_same_year_gives_the_same_bytes(world):
    closed(world)
    first = written(world)
    world.now += timedelta(days=40)
    assert written(world) == first


def test_other_facts_give_other_bytes(world):
    matter = world.started()
    first = written(world)
    edit_matter(matter, version=matter.version, edit=MatterEdit(note="补记"), **told(world, world.officer))
    assert written(world) != first


# ── cost ──


def test_statements_are_as_many_for_three_matters_as_for_one(world):
    counts = []
    for number in (1, 2):  # another table is another statement: only that they do not grow with the rows is fixed
        for place in range(number):
            with_proof(world, world.started(serial=f"{number}{place}"))
        with CaptureQueriesContext(connection) as found:
            written(world)
        counts.append(len(found))
    assert counts[0] == counts[1] < 2 * len(TABLES) + 100


def test_memory_stays_flat_however_large_the_files_are(world, folder):
    matter = world.started()
    proof = with_proof(world, matter)
    large = folder / "large.bin"
    with large.open("wb") as file:
        for place in range(64):
            file.write(bytes([place]) * (1 << 20))
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    path_of(digest).parent.mkdir(parents=True, exist_ok=True)
    large.replace(path_of(digest))
    Evidence.objects.filter(pk=proof.pk).update(digest=digest, file_name="录像.mp4", size_bytes=64 << 20)
    tracemalloc.start()
    try:
        with (folder / "out.zip").open("w+b") as target:
            whole_of(world.plan, target, today=world.now.date())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (folder / "out.zip").stat().st_size > 64 << 20
    assert peak < 24 << 20


# ── checking ──


def changed(content: bytes, **files: bytes | None) -> BytesIO:
    """The archive with files put in its place, added, or (None) taken out."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as out, opened(content) as packed:
        for name in packed.namelist():
            if name not in files:
                out.writestr(name, packed.read(name))
        for name, data in files.items():
            if data is not None:
                out.writestr(name, data)
    return target


def test_whole_archive_is_found_whole(world):
    closed(world)
    found = check_archive(BytesIO(written(world)))
    assert (found.problems, found.title, found.is_final) == ([], "2020年度临江区督查台账", True)
    assert found.files == len(opened(written(world)).namelist()) - 1


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("index.html", b"x", "与清单不一致：index.html"),
        ("index.html", None, "缺少：index.html"),
        ("more.txt", b"x", "清单里没有：more.txt"),
        ("../up.txt", b"x", "文件名不安全：../up.txt"),
    ],
)
def test_archive_that_was_touched_is_found_out(world, name, data, problem):
    closed(world)
    found = check_archive(changed(written(world), **{name: data}))
    assert problem in found.problems
    assert not found.is_whole


def test_flipped_bit_in_a_packed_file_is_found_out(world):
    closed(world)
    content = bytearray(written(world))
    place = content.index(b"index.html") + 200
    content[place] ^= 1
    assert not check_archive(BytesIO(bytes(content))).is_whole


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_other_files_are_no_archive(content):
    with pytest.raises(ValueError):
        check_archive(BytesIO(content))


def test_trail_is_held_against_its_digests(world, settings):
    closed(world)
    content = written(world)
    key = {"key": settings.AUDIT_KEY, "key_id": settings.AUDIT_KEY_ID}
    events = data_of(content, "events")
    found = check_trail(BytesIO(content), **key)
    assert (found.checked, found.untrue, found.withheld, found.foreign) == (len(events), [], 0, 0)
    assert check_trail(BytesIO(content), key=b"other", key_id="other").foreign == len(events)
    text = opened(content).read("data/events.json").decode().replace("督查员甲", "别人", 1)
    touched = changed(content, **{"data/events.json": text.encode()})
    assert len(check_trail(touched, **key).untrue) == 1
    assert Event.objects.filter(name="archives.plan_closed").get().pk in {one["id"] for one in events}


def test_second_archive_of_a_plan_closed_again_is_another(world):
    plan = closed(world)
    first = written(world)
    reopen_plan(plan, reason="复核更正。", approval=world.approval(), **told(world))
    world.now += timedelta(hours=1)
    close_plan(Plan.objects.get(pk=plan.pk), note="再次办结。", approval=world.approval(), **told(world))
    assert written(world) != first
