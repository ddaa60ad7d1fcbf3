"""考评部门核查结果: the exported form as it comes back, read line by line; nothing of it is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from duban.core.errors import Invalid
from duban.evaluation.models import Evaluation
from duban.evaluation.queries.contents import FACT_RESULTS, KEY_TITLE, NOTE_TITLE, RESULT_TITLE
from duban.evaluation.queries.sheets import results_of, sheets_of
from duban.evaluation.rules import FACT_LABELS, RESULT_LENGTH, Fact
from duban.reading.errors import NotReadable
from duban.reading.workbook import WorkSheet
from duban.reading.workbook import sheets_of as read_sheets

_NOTE_MOST = 500


@dataclass(frozen=True, slots=True)
class ReadResult:
    """One filled-in line. fact: None for a line about the unit as a whole.   before: what stood there, if anything."""

    unit_id: int
    unit: str
    result: str
    note: str
    fact: Fact | None = None
    before: str = ""

    @property
    def fact_key(self) -> str:
        """The fact's key, empty for the unit as a whole."""
        return self.fact.key if self.fact else ""

    @property
    def is_untrue(self) -> bool:
        """Whether the appraisal office found that a fact is not so: somebody should look at the score."""
        return self.fact is not None and self.result == FACT_RESULTS[1]

    @property
    def kind(self) -> str:
        """What the fact is, in words."""
        return FACT_LABELS[self.fact.kind] if self.fact else "单位"


@dataclass(slots=True)
class ReadForm:
    """What a filled-in form holds. unread: lines that name nothing of this evaluation: sheet, line, cells.

    problems: what cannot be taken as it is, in words.   empty: how many lines are not filled in.   unchanged: how many
    say what is known already.
    """

    results: list[ReadResult] = field(default_factory=list)
    unread: list[tuple[str, int, list[str]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    empty: int = 0
    unchanged: int = 0


def read_form(evaluation: Evaluation, data: bytes) -> ReadForm:
    """Return what a filled-in form says, compared with what is known. Changes nothing. Raises Invalid in words."""
    try:
        pages = read_sheets(data)
    except NotReadable as problem:
        raise Invalid(problem.message_zh, field="file") from problem
    sheets = sheets_of(evaluation)
    names = {f"U{one.unit.unit_id}": one.unit for one in sheets}
    facts = {fact.key: (one.unit, fact) for one in sheets for fact in one.unit.facts}
    gone = {one.fact.key: (sheet.unit, one.fact) for sheet in sheets for one in sheet.left_out}
    known = results_of(evaluation)
    form = ReadForm()
    seen: dict[str, tuple[str, int]] = {}
    has_columns = False
    for page in pages:
        head = _head(page)
        if head is None:
            form.unread += [(page.name, place, row) for place, row in enumerate(page.rows, start=1) if any(row)]
            continue
        has_columns = True
        line, columns = head
        form.unread += [(page.name, place, row) for place, row in enumerate(page.rows[:line], start=1) if any(row)]
        for place, row in enumerate(page.rows[line + 1 :], start=line + 2):
            if not any(row):
                continue
            key, result, note = (_cell(row, columns.get(title)) for title in (KEY_TITLE, RESULT_TITLE, NOTE_TITLE))
            unit, fact = names.get(key), None
            if unit is None and key in (facts | gone):
                unit, fact = (facts | gone)[key]
            if unit is None:
                form.unread.append((page.name, place, row))
            elif not result and not note:
                form.empty += 1
            elif key in seen:
                first = seen[key]
                form.problems.append(f"“{page.name}”第{place}行与“{first[0]}”第{first[1]}行编号相同，只能留一行。")
            else:
                seen[key] = (page.name, place)
                if wrong := _problem(result, note, is_fact=fact is not None):
                    form.problems.append(f"“{page.name}”第{place}行{unit.name}：{wrong}")
                    continue
                stood = known.get((unit.unit_id, key if fact else ""))
                if stood is not None and (stood.result, stood.note) == (result, note):
                    form.unchanged += 1
                    continue
                before = "，".join(filter(None, (stood.result, stood.note))) if stood else ""
                form.results.append(ReadResult(unit.unit_id, unit.name, result, note, fact, before))
    if not has_columns:
        raise Invalid(
            f"没有找到“{KEY_TITLE}”和“{RESULT_TITLE}”两列。请用从这里导出的表格，填好“{RESULT_TITLE}”后再载入。",
            field="file",
        )
    return form


def _head(page: WorkSheet) -> tuple[int, dict[str, int]] | None:
    """Return the heading row of a sheet and where its columns are; None where it has none."""
    for place, row in enumerate(page.rows):
        columns = {text.strip(): at for at, text in reversed(list(enumerate(row))) if text.strip()}
        if KEY_TITLE in columns and RESULT_TITLE in columns:
            return place, columns
    return None


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _problem(result: str, note: str, *, is_fact: bool) -> str:
    if is_fact and result and result not in FACT_RESULTS:
        return f"核查结果应为{'或'.join(FACT_RESULTS)}，现为“{result[:20]}”"
    if len(result) > RESULT_LENGTH:
        return f"核查结果不超过 {RESULT_LENGTH} 字，现在 {len(result)} 字"
    if len(note) > _NOTE_MOST:
        return f"核查说明不超过 {_NOTE_MOST} 字，现在 {len(note)} 字"
    return ""
