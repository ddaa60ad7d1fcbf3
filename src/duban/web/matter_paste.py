"""Cells pasted from a spreadsheet: rows, a header where there is one, and what each column means."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duban.core.errors import Invalid
from duban.core.text import folded

ROWS_MOST = 2_000
COLUMNS_MOST = 40
CELL_CHARACTERS_MOST = 20_000

COLUMN_LABELS: dict[str, str] = {
    "": "（不用）",
    "serial": "序号",
    "title": "标题",
    "text": "具体目标任务",
    "lead_units": "牵头单位",
    "persons": "责任人",
    "support_units": "协办单位",
    "overseers": "区分管或联系领导",
    "deadline_text": "完成时限",
    "section": "所属板块",
    "field": "领域",
    "note": "备注",
}
ANNEX_ORDER = ("serial", "text", "lead_units", "persons", "support_units", "overseers", "deadline_text", "note")
"""The columns of the annex, for cells pasted without a header."""

_HEADERS: dict[str, tuple[str, ...]] = {
    "serial": ("序号", "编号", "项号", "no", "no."),
    "title": ("标题", "事项名称", "项目名称", "名称"),
    "text": (
        "具体目标任务", "目标任务", "工作任务", "主要任务", "任务", "事项", "督查事项", "具体任务", "任务内容",
        "工作内容", "主要内容", "重点工作", "内容", "议定事项", "批示内容", "目标", "工作目标", "任务分解",
    ),
    "lead_units": ("牵头单位", "责任单位", "主办单位", "承办单位", "牵头责任单位", "牵头部门", "责任部门"),
    "persons": ("责任人", "负责人", "具体责任人", "责任领导", "牵头单位责任人"),
    "support_units": ("协办单位", "配合单位", "参与单位", "配合部门", "协办部门", "协同单位"),
    "overseers": (
        "区分管或联系领导", "分管或联系领导", "分管领导", "联系领导", "区领导", "县领导", "市领导", "挂钩领导",
        "牵头领导", "分管区领导", "分管县领导", "分管市领导", "包抓领导",
    ),
    "deadline_text": ("完成时限", "办结时限", "时限", "完成时间", "时间要求", "时间节点", "办结时间"),
    "section": ("板块", "所属板块", "类别", "分类"),
    "field": ("领域",),
    "note": ("备注", "说明"),
}  # fmt: skip
_MEANING = {folded(word): key for key, words in _HEADERS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted. columns: what each column means, "" for one that is not used; header: as printed, or empty."""

    columns: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def entries(self) -> tuple[dict[str, str], ...]:
        """Each row by the meaning of its cells; columns of one meaning are joined."""
        found = []
        for row in self.rows:
            entry: dict[str, str] = {}
            for key, cell in zip(self.columns, row, strict=True):
                if key and cell:
                    entry[key] = f"{entry[key]}、{cell}" if entry.get(key) else cell
            found.append(entry)
        return tuple(found)


def read_cells(pasted: str) -> list[list[str]]:
    """Return the cells of a copied range: tabs between cells, quotes around cells that hold a line break.

    Lines that hold no text are left out. Raises Invalid when nothing, or too much, was pasted.
    """
    text = pasted.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t")]
    except csv.Error:
        raise Invalid("有一格内容过长，请检查粘贴的内容（常见原因：引号没有成对）。", field="pasted")
    rows = [row for row in rows if any(row)]
    if not rows:
        raise Invalid("请先从表格中复制，再粘贴到这里。", field="pasted")
    if len(rows) > ROWS_MOST:
        raise Invalid(f"一次最多粘贴 {ROWS_MOST} 行，现有 {len(rows)} 行，请分批粘贴。", field="pasted")
    width = max(len(row) for row in rows)
    if width > COLUMNS_MOST:
        raise Invalid(f"一行最多 {COLUMNS_MOST} 列，现有 {width} 列。", field="pasted")
    if any(len(cell) > CELL_CHARACTERS_MOST for row in rows for cell in row):
        raise Invalid("有一格内容过长，请检查粘贴的内容（常见原因：引号没有成对）。", field="pasted")
    return [row + [""] * (width - len(row)) for row in rows]


def header_of(row: Sequence[str]) -> tuple[str, ...] | None:
    """Return what each column of a header row means; None for a row that is no header.

    A row is a header when it names the task and at least one more column. The first column of a meaning keeps it;
    a second 责任单位 beside 牵头单位 is the supporting one.
    """
    columns: list[str] = []
    for cell in row:
        key = _MEANING.get(folded(cell), "")
        if key == "lead_units" and key in columns:
            key = "support_units"
        columns.append("" if key in columns else key)
    named = [key for key in columns if key]
    return tuple(columns) if "text" in named and len(named) >= 2 else None


def read_paste(pasted: str, *, chosen: Mapping[int, str] | None = None) -> Pasted:
    """Return what was pasted: the header recognised, or the annex's own order taken; `chosen` overrules both.

    chosen: by column, from 0, a key of COLUMN_LABELS. Raises Invalid.
    """
    rows = read_cells(pasted)
    header = header_of(rows[0])
    width = len(rows[0])
    if header is not None:
        columns, printed, body = header, tuple(rows[0]), rows[1:]
    elif width == 1:
        columns, printed, body = ("text",), (), rows
    else:
        offset = 0 if any(row[0][:1].isdigit() for row in rows) else 1
        order = ANNEX_ORDER[offset:]
        columns, printed, body = tuple(order[place] if place < len(order) else "" for place in range(width)), (), rows
    if chosen:
        columns = tuple(
            chosen[place] if chosen.get(place) in COLUMN_LABELS else key for place, key in enumerate(columns)
        )
    if not body:
        raise Invalid("只有表头，没有事项。", field="pasted")
    return Pasted(columns, printed, tuple(tuple(row) for row in body))
