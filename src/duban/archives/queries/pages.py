"""What the pages of an archive say: the overview, the documents, and one page a matter; read for many at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from duban.archives.models import PlanClosing
from duban.archives.queries.files import (
    decision_scan_path,
    evidence_path,
    letter_scan_path,
    notice_path,
    paper_path,
    scan_path,
)
from duban.archives.queries.sheets import SHEETS, SheetOf, ledger_lines, sheet_rows
from duban.archives.queries.tables import Table
from duban.archives.rules import counts_words
from duban.archives.rules.packing import MANIFEST
from duban.archives.rules.pages import Block, Cell, Link, page
from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.bulletins.models import Citation
from duban.bulletins.rules import SECTION_LABELS, BulletinState, Section
from duban.closing.models import Closure
from duban.closing.rules import ClosureState
from duban.core.clock import SHANGHAI, day_of
from duban.core.text import date_text
from duban.documents.long_sheets import Value
from duban.evidence.models import Evidence
from duban.evidence.rules import EVIDENCE_KIND_LABELS, EvidenceKind
from duban.intake.models import Notice
from duban.interviews.models import DecisionScan
from duban.letters.models import Letter, LetterItem
from duban.letters.rules import AFTER_SIGNING, LETTER_KIND_LABELS, LetterKind
from duban.lights.models import LightTurn
from duban.matters.models import Matter, MatterChange, Milestone, Obligation, Plan, PlanPolicy
from duban.matters.queries import LedgerRow, rules_file
from duban.matters.rules import (
    CHANGE_LABELS,
    KIND_LABELS,
    LIGHT_LABELS,
    OWED_LABELS,
    OWED_STATE_LABELS,
    STATE_LABELS,
    ChangeKind,
    Kind,
    Light,
    Owed,
    OwedState,
    State,
    short_name,
)
from duban.obstacles.models import Obstacle
from duban.obstacles.rules import OBSTACLE_STATE_LABELS, ObstacleState
from duban.papers.models import IssuedPaper, PaperScan
from duban.papers.rules import PAPER_KIND_LABELS, PaperKind
from duban.progress.models import Progress
from duban.progress.rules import pct_text
from duban.reports.models import Report
from duban.reports.rules import WITH_THE_OFFICE
from duban.visits.models import PlannedCheck, VisitItem
from duban.visits.rules import RESULT_LABELS, VISIT_KIND_LABELS, Result, VisitKind

_CHUNK = 200
"""Matters whose pages are written from one reading."""

_BACK = [Link("督查档案", "../index.html")]


def matter_path(pk: int) -> str:
    """Return where the page of a matter lies in an archive."""
    return f"matters/{pk:06}.html"


def _day(moment: datetime | None) -> str:
    return date_text(day_of(moment)) if moment else ""


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _on(day: date | None) -> str:
    return date_text(day) if day else ""


# ---- the overview


def index_page(plan: Plan, *, as_of: date, edition: str, missing: Sequence[str]) -> Iterator[str]:
    """Yield the page one opens first. Twelve statements, and six for each 2,000 matters.

    edition: which one of a closed plan, and why there is another, in words · missing: files that could not be put in.
    """
    place = plan.jurisdiction
    closing = PlanClosing.objects.filter(plan=plan, reopened_at=None).select_related("approval").first()
    states = Matter.objects.filter(plan=plan).order_by().values_list("state")
    counts: dict[str, int] = defaultdict(int)
    for (state,) in states:
        counts[state] += 1
    facts = [
        ("辖区", place.name),
        ("年度", f"{plan.year}年"),
        ("台账", plan.title),
        (
            "事项",
            f"{sum(counts.values())} 件：{counts_words(counts, _STATE_WORDS, order=[one.value for one in State])}",
        ),
    ]
    if edition:
        facts.append(("版次", edition))
    if closing is not None:
        decided = closing.approval
        facts += [
            ("办结", f"{_day(closing.closed_at)}，{closing.closed_by_name}经办"),
            ("办结情况", closing.note),
            ("审批", "，".join(filter(None, (decided.basis, decided.document_number, decided.approved_by_name)))),
        ]
    warn = ""
    if closing is None:
        warn = f"这份档案写成时，年度台账还没有办结，内容截至{date_text(as_of)}。"
    if missing:
        warn += f"有 {len(missing)} 个文件在数据目录里没有，或者与存入时不一致，没有放进来：{'、'.join(missing)}。"
    yield from page(
        f"{place.short_name}{plan.year}年度督查档案",
        lead="工作秘密，按规定保管。含批示、未公开的函件和佐证，只由督查室主任归档、取用。",
        facts=facts,
        warn=warn,
        blocks=_overview(plan, as_of=as_of),
        notes=[
            "本页和各页不需要联网，也不运行任何程序，可以打印。文件是否完整，按 README.txt 核对。",
        ],
    )


_STATE_WORDS = {one.value: label for one, label in STATE_LABELS.items()}


def _overview(plan: Plan, *, as_of: date) -> Iterator[Block]:
    yield Block("其他格式", ("文件", "内容"), _other_forms())
    notices = Notice.objects.filter(plan=plan).order_by("pk")
    yield Block(
        "责任分解通知",
        ("标题", "文号", "原件"),
        (
            (one.title, one.document_number, Link(one.file_name, notice_path(one.pk, one.file_name), one.file_name))
            for one in notices
        ),
    )
    yield Block(
        "事项",
        ("序号", "具体目标任务", "牵头单位", "状态", "办结时限"),
        (
            (
                one.serial,
                Link(one.title or one.text, matter_path(one.id)),
                "、".join(one.leads),
                _STATE_WORDS[one.state],
                _on(one.due_on),
            )
            for one in ledger_lines(plan, as_of=as_of)
        ),
        frozenset({0, 3, 4}),
    )


def _other_forms() -> Iterator[Sequence[Cell]]:
    yield Link("存档公文", "documents.html"), "函件、通报、交办通知等，PDF、.docx 和盖章扫描件"
    yield Link("全年工作", "year.html"), "督查规则、督查计划、约谈、复核、考评等不属于某一事项的工作"
    yield Link("archive.xlsx", "archive.xlsx"), "台账、应办事宜、报告、函件、通报、考评等，可用 WPS 表格或 Excel 打开"
    yield "policies/", "这一年用过的各版督查规则，TOML，每个数字带说明和出处"
    yield "data/", "同样的内容，JSON，供程序读取；说明见 data/schema.json"
    yield "evidence/", "佐证材料原件，从各事项页打开"
    yield Link("README.txt", "README.txt"), "这份档案里有什么、怎样核对"


# ---- what is of the year, not of one matter

_YEAR_SHEETS = (
    "督查规则", "督查计划", "核验名单", "核验整改", "线索移送", "约谈", "约谈记录", "约谈要求",
    "约谈复查", "调度会议定事项", "批示", "复核", "考评", "领导评价", "考评部门核查结果",
)  # fmt: skip
"""The sheets of the workbook that the page of the year shows as well."""


def year_page(plan: Plan, *, tables: Mapping[str, Table]) -> Iterator[str]:
    """Yield what the year had besides its matters: rules, checks, interviews, reviews, scores. One statement a part."""
    sheets = {one.name: one for one in SHEETS}
    blocks = [_year_block(sheets[name], tables, plan) for name in _YEAR_SHEETS]
    blocks.insert(_YEAR_SHEETS.index("督查计划") + 1, _planned_units(plan))
    lead = "督查规则、督查计划、约谈、复核、考评等，与 archive.xlsx 中同名的表相同；公文见“存档公文”。"
    yield from page("全年工作", lead=lead, blocks=blocks, back=[Link("督查档案", "index.html")])


def _year_block(sheet: SheetOf, tables: Mapping[str, Table], plan: Plan) -> Block:
    """Return one sheet as a part of a page, without the columns in which nothing stands."""
    rows = [[_said(one) for one in row] for row in sheet_rows(sheet, tables[sheet.table], plan)]
    kept = [place for place in range(len(sheet.columns)) if any(row[place] for row in rows)]
    heads = [sheet.columns[place][1] for place in kept]
    short = frozenset(at for at, place in enumerate(kept) if sheet.columns[place][2] <= _SHORT)
    return Block(sheet.name, heads, [[row[place] for place in kept] for row in rows], short)


_SHORT = 17
"""A column of the workbook that is no wider holds a day, a moment or a name, and is not broken on a page."""


def _planned_units(plan: Plan) -> Block:
    found: dict[int, list[str]] = defaultdict(list)
    titles: dict[int, tuple[str, str]] = {}
    rows = PlannedCheck.units.through.objects.filter(plannedcheck__plan=plan)
    columns = ("plannedcheck_id", "plannedcheck__title", "plannedcheck__first_on", "unit__name")
    order = ("plannedcheck__first_on", "plannedcheck_id", "unit__order", "unit_id")
    for pk, title, first_on, unit in rows.order_by(*order).values_list(*columns):
        titles[pk] = (title, _on(first_on))
        found[pk].append(unit)
    lines = [(*titles[pk], "、".join(units)) for pk, units in found.items()]
    return Block("计划督查的单位", ("名称", "开始", "单位"), lines, frozenset({1}))


def _said(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return _moment(value)
    return date_text(value) if isinstance(value, date) else str(value)


def policy_path(number: int) -> str:
    """Return where a version of the rules lies, as a file that is read by people and by `duban replay`."""
    return f"policies/{number:03}.toml"


def policy_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every version of the rules a plan has had. Two statements a version."""
    numbers = PlanPolicy.objects.filter(plan=plan).order_by("policy__number").values_list("policy__number", flat=True)
    for number in dict.fromkeys(numbers):
        yield policy_path(number), rules_file(plan, number=number)[0]


# ---- documents


def documents_page(plan: Plan) -> Iterator[str]:
    """Yield the list of all frozen documents, kind by kind, and of the papers leaders decided on. Four statements."""
    scans: dict[int, list[Link]] = defaultdict(list)
    kept = PaperScan.objects.filter(paper__plan=plan).order_by("paper_id", "version")
    for paper_id, kind, version, name in kept.values_list("paper_id", "paper__kind", "version", "file_name"):
        path = scan_path(kind, paper_id, version=version, file_name=name)
        scans[paper_id].append(Link(f"扫描件{version if version > 1 else ''}", path))
    papers: dict[str, list[Sequence[Cell]]] = defaultdict(list)
    columns = ("pk", "kind", "number_text", "title", "addressee", "dated_on")
    found = IssuedPaper.objects.filter(plan=plan).order_by("kind", "issued_at", "pk").values_list(*columns)
    for pk, kind, number, title, addressee, dated_on in found.iterator():
        files = [Link("PDF", paper_path(kind, pk, "pdf")), Link(".docx", paper_path(kind, pk, "docx")), *scans[pk]]
        papers[kind].append((number, title, addressee, _on(dated_on), files))
    heads = ("编号", "标题", "主送", "成文日期", "文件")
    blocks = [
        Block(PAPER_KIND_LABELS[PaperKind(kind)], heads, papers[kind], frozenset({3}))
        for kind in sorted(papers, key=list(PaperKind).index)  # type: ignore[arg-type]
    ]
    numbered = Letter.objects.filter(plan=plan).exclude(scan_digest="").order_by("pk")
    blocks.append(
        Block(
            "按办公室编号的函件",
            ("编号", "标题", "扫描件"),
            [
                (number, title, Link("扫描件", letter_scan_path(pk, name), name))
                for pk, number, title, name in numbered.values_list("pk", "number_text", "title", "scan_name")
            ],
        )
    )
    decided = DecisionScan.objects.filter(interview__plan=plan).order_by("interview__applied_at", "pk")
    blocks.append(
        Block(
            "约谈的批示件",
            ("约谈", "单位", "批示日期", "扫描件"),
            [
                (number, unit, _on(day), Link("扫描件", decision_scan_path(pk, name), name))
                for pk, number, unit, day, name in decided.values_list(
                    "pk", "interview__number_text", "interview__unit__name", "decided_on", "file_name"
                )
            ],
        )
    )
    yield from page("存档公文", lead="发出时的原件，逐字节不变。", blocks=blocks, back=[Link("督查档案", "index.html")])


# ---- one page a matter


def matter_pages(plan: Plan, *, as_of: date) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield (path, page) of every matter in the ledger's order. Fifteen statements for each 200 matters."""
    some: list[LedgerRow] = []
    for one in ledger_lines(plan, as_of=as_of):
        some.append(one)
        if len(some) == _CHUNK:
            yield from _pages_of(some)
            some = []
    if some:
        yield from _pages_of(some)


def _pages_of(rows: Sequence[LedgerRow]) -> Iterator[tuple[str, Iterator[str]]]:
    ids = [one.id for one in rows]
    parts = [(title, heads, read(ids), short) for title, heads, read, short in _PARTS]
    years = dict(Matter.objects.filter(pk__in=ids).values_list("pk", "carried_from__plan__year"))
    onward = dict(
        Matter.objects.filter(carried_from__in=ids).order_by("pk").values_list("carried_from_id", "plan__year")
    )
    for row in rows:
        name = short_name(serial=row.serial, heading=row.title or row.text)
        facts = [
            ("状态", _STATE_WORDS[row.state] + (f"，在{onward[row.id]}年度继续办理" if row.id in onward else "")),
            ("结转", f"由{years[row.id]}年度结转而来" if years.get(row.id) else ""),
            ("牵头单位", "、".join(row.leads)),
            ("责任人", "、".join(row.persons)),
            ("协办单位", "、".join(row.supports)),
            ("分管或联系领导", "、".join(row.overseers)),
            ("起止", f"{_on(row.starts_on)}至{_on(row.due_on)}"),
            ("销号", _day(row.closed_at)),
            ("进展", pct_text(row.progress_pct) if row.progress_pct is not None else ""),
            ("类别", KIND_LABELS[Kind(row.kind)]),
            ("领域", row.field),
            ("所属板块", row.section),
            ("量化目标", "；".join(row.targets)),
            ("备注", row.note),
        ]
        text = f"{row.title}\n{row.text}" if row.title else row.text
        blocks = [Block(title, heads, found.get(row.id, ()), short) for title, heads, found, short in parts]
        yield matter_path(row.id), page(name, facts=facts, text=text, blocks=blocks, up="../", back=_BACK)


_Found = dict[int, list[Sequence[Cell]]]


def _grouped(rows: Iterable[tuple[int, Sequence[Cell]]]) -> _Found:
    found: _Found = defaultdict(list)
    for pk, row in rows:
        found[pk].append(row)
    return found


def _nodes(ids: Sequence[int]) -> _Found:
    rows = Milestone.objects.filter(matter_id__in=ids).order_by("due_on", "pk")
    return _grouped((one.matter_id, (_on(one.due_on), one.title, pct_text(one.expected_pct))) for one in rows)


def _owed(ids: Sequence[int]) -> _Found:
    rows = Obligation.objects.filter(matter_id__in=ids).select_related("unit").order_by("due_on", "pk")
    return _grouped(
        (
            one.matter_id or 0,
            (
                one.unit.name,
                OWED_LABELS[Owed(one.kind)],
                one.title,
                _on(one.due_on),
                OWED_STATE_LABELS[OwedState(one.state)],
                _on(one.met_on) or one.waived_reason,
            ),
        )
        for one in rows
    )


def _progress(ids: Sequence[int]) -> _Found:
    rows = Progress.objects.filter(matter_id__in=ids).select_related("unit").order_by("effective_on", "pk")
    return _grouped(
        (
            one.matter_id,
            (
                _on(one.effective_on),
                one.unit.name,
                pct_text(one.pct) if one.pct is not None else "",
                one.sentence,
                one.recorded_by_name,
            ),
        )
        for one in rows
    )


def _reports(ids: Sequence[int]) -> _Found:
    rows = Report.objects.filter(matter_id__in=ids, state__in=WITH_THE_OFFICE).select_related("unit")
    return _grouped(
        (one.matter_id, (_on(one.report_day), one.unit.name, one.text, _on(one.first_sent_on)))
        for one in rows.order_by("report_day", "pk")
    )


def _turns(ids: Sequence[int]) -> _Found:
    rows = LightTurn.objects.filter(matter_id__in=ids).order_by("day", "pk")
    return _grouped((one.matter_id, (_on(one.day), _lamp(one.before), _lamp(one.light))) for one in rows)


def _lamp(light: str) -> str:
    return LIGHT_LABELS[Light(light)] if light else "不亮灯"


def _obstacles(ids: Sequence[int]) -> _Found:
    rows = Obstacle.objects.filter(matter_id__in=ids).select_related("unit").order_by("raised_at", "pk")
    return _grouped(
        (
            one.matter_id,
            (
                _day(one.raised_at),
                one.unit.name,
                one.problem,
                one.need,
                OBSTACLE_STATE_LABELS[ObstacleState(one.state)],
                one.closing_note,
            ),
        )
        for one in rows
    )


def _changes(ids: Sequence[int]) -> _Found:
    rows = MatterChange.objects.filter(matter_id__in=ids).select_related("approval").order_by("recorded_at", "pk")
    return _grouped(
        (
            one.matter_id,
            (_on(one.effective_on), CHANGE_LABELS[ChangeKind(one.kind)], one.reason, str(one.approval or "")),
        )
        for one in rows
    )


def _letters(ids: Sequence[int]) -> _Found:
    rows = LetterItem.objects.filter(matter_id__in=ids, letter__state__in=AFTER_SIGNING).select_related("letter__unit")
    return _grouped(
        (
            one.matter_id,
            (
                one.letter.number_text,
                LETTER_KIND_LABELS[LetterKind(one.letter.kind)],
                one.letter.unit.name,
                one.words,
                _on(one.letter.issued_on),
            ),
        )
        for one in rows.order_by("letter__issued_on", "pk")
    )


def _citations(ids: Sequence[int]) -> _Found:
    rows = Citation.objects.filter(matter_id__in=ids, bulletin__state=BulletinState.ISSUED, left_out_reason="")
    return _grouped(
        (
            one.matter_id or 0,
            (str(one.bulletin), SECTION_LABELS[Section(one.section)], one.facts, one.next_step),
        )
        for one in rows.select_related("bulletin").order_by("bulletin__issued_on", "pk")
    )


def _closures(ids: Sequence[int]) -> _Found:
    ended = (ClosureState.GRANTED, ClosureState.RETURNED)
    rows = Closure.objects.filter(matter_id__in=ids, state__in=ended).order_by("attempt", "pk")
    return _grouped(
        (
            one.matter_id,
            (
                _day(one.asked_at),
                one.statement,
                one.findings,
                "准予销号" if one.state == ClosureState.GRANTED else "退回",
                one.conclusion or one.return_reasons,
            ),
        )
        for one in rows
    )


def _evidence(ids: Sequence[int]) -> _Found:
    rows = Evidence.objects.filter(matter_id__in=ids).select_related("unit").order_by("added_at", "pk")
    return _grouped(
        (
            one.matter_id,
            (
                EVIDENCE_KIND_LABELS[EvidenceKind(one.kind)],
                Link(one.title, f"../{evidence_path(one.digest, one.file_name)}", one.file_name)
                if one.kind == EvidenceKind.FILE
                else one.title,
                one.unit.name if one.unit else "督查室",
                one.address or one.place,
                f"已撤下：{one.withdrawn_reason}" if one.withdrawn_at else _day(one.added_at),
            ),
        )
        for one in rows
    )


def _story(ids: Sequence[int]) -> _Found:
    rows = Event.objects.filter(matter_id__in=ids).order_by("matter_id", "matter_no")
    found = rows.values_list("matter_id", "at", "name", "actor_name")
    return _grouped(
        (pk or 0, (_moment(at), who, EVENT_LABELS[EventName(name)]))
        for pk, at, name, who in found.iterator(chunk_size=2_000)
    )


def _visits(ids: Sequence[int]) -> _Found:
    rows = VisitItem.objects.filter(matter_id__in=ids).select_related("visit", "unit").order_by("visit_id", "pk")
    return _grouped(
        (
            one.matter_id,
            (
                VISIT_KIND_LABELS[VisitKind(one.visit.kind)],
                one.visit.title,
                _on(one.visit.visited_on),
                one.unit.name,
                RESULT_LABELS[Result(one.result)] if one.result else "",
            ),
        )
        for one in rows
    )


_PARTS: Sequence[tuple[str, Sequence[str], Any, frozenset[int]]] = (
    ("时间节点", ("日期", "节点", "应完成"), _nodes, frozenset({0, 2})),
    ("应办事宜", ("单位", "种类", "内容", "期限", "状态", "完成日期、免除理由"), _owed, frozenset({3, 4})),
    ("进展", ("截至", "单位", "完成", "说明", "填报人"), _progress, frozenset({0, 2})),
    ("报告", ("报送日期", "单位", "报告", "报到"), _reports, frozenset({0, 3})),
    ("困难问题", ("提出", "单位", "问题", "需要谁做什么", "状态", "销结说明"), _obstacles, frozenset({0, 4})),
    ("函件", ("编号", "种类", "单位", "事由", "发出"), _letters, frozenset({4})),
    ("通报", ("期数", "栏目", "事实", "下一步"), _citations, frozenset({0, 1})),
    ("考查核验", ("种类", "名称", "日期", "单位", "结果"), _visits, frozenset({0, 2, 4})),
    ("变更", ("日期", "种类", "理由", "审批"), _changes, frozenset({0, 1})),
    ("销号", ("申请", "完成情况", "核验情况", "结果", "结论、退回理由"), _closures, frozenset({0, 3})),
    ("佐证材料", ("类别", "名称", "单位", "网址、存放处", "提交"), _evidence, frozenset({0, 4})),
    ("灯的变化", ("日期", "原来", "变为"), _turns, frozenset({0, 1, 2})),
    ("经过", ("时间", "经办", "事由"), _story, frozenset({0})),
)
"""The parts of a matter's page: title, headings, how they are read for many matters, columns that are not broken."""


def readme(plan: Plan, *, as_of: str, edition: str, tables: Mapping[str, str]) -> Iterator[str]:
    """Yield the words that go with an archive: what is in it, how it is checked."""
    yield f"""{plan.jurisdiction.short_name}{plan.year}年度督查档案
{"=" * 24}

内容截至：{as_of}{f"{chr(10)}版次：{edition}" if edition else ""}

一、怎样看
  双击 index.html，用浏览器打开。不需要联网，不需要安装任何程序。
  archive.xlsx 用 WPS 表格或 Excel 打开。

二、里面有什么
  index.html          总览和事项清单
  documents.html      存档公文清单
  year.html           全年工作：督查规则、督查计划、约谈、复核、考评等
  matters/            每个事项一页
  documents/          存档公文：PDF、.docx 和盖章扫描件，发出时的原件
  evidence/           佐证材料原件，按 SHA-256 命名，逐字节不变
  notice/             责任分解通知原件
  policies/           这一年用过的各版督查规则，TOML
  archive.xlsx        台账、应办事宜、报告、函件、通报、考评等
  data/*.json         全部数据，UTF-8，一行一条；data/schema.json 是说明（JSON Schema）
  data/events.json    审计记录，每条带摘要（HMAC-SHA256，密钥不在档案里）
  {MANIFEST}     每个文件的 SHA-256

三、怎样核对文件没有缺、没有改
  Linux、macOS：在本目录运行
      sha256sum -c {MANIFEST}        （macOS：shasum -a 256 -c {MANIFEST}）
  Windows（PowerShell），逐个对照：
      Get-FileHash -Algorithm SHA256 index.html
  有督办程序的：duban archive --check 文件.zip（密钥在手的，同时核对审计记录的摘要）

四、保管
  工作秘密。含批示、未公开的函件和佐证材料。批示只给该看的人看：这份档案由督查室主任归档、取用，
  谁要求归档、谁取走，都有记录。
  单位内部没有报出来的报告、销号申请、回头看不在里面；人员的电话、邮箱不在里面。

五、data/ 里的文件
"""
    for name, label in tables.items():
        yield f"  {name + '.json':<30}{label}\n"
