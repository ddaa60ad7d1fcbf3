"""Office files made for a test: packages written by hand, and tables as python-docx makes them."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from docx import Document
from docx.enum.section import WD_ORIENT

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_NAMES = (
    f'xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of the parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def word(body: str, *, head: str = "", **parts: str) -> bytes:
    """Return a .docx of this body; parts: the insides of numbering, styles, footnotes. head: before the root."""
    made = {
        "_rels/.rels": _RELATIONS,
        "word/document.xml": f"{head}<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
    }
    made.update({f"word/{name}.xml": f"<w:{name} {_NAMES}>{inside}</w:{name}>" for name, inside in parts.items()})
    return package(made)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    inside = text if text.startswith("<") else "".join(paragraph(line) for line in text.split("\n"))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inside = "".join(one if one.startswith("<w:tc>") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


HEADER = row("序号", "工作任务", "责任单位")


def annex(rows: Sequence[Sequence[str]], *, title: str = "", header: Sequence[str] = ()) -> bytes:
    """Return an annex on a landscape page: a band is a row of one text; None is merged with the cell above."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    if title:
        document.add_paragraph(title)
    grid = document.add_table(rows=0, cols=len(header), style="Table Grid")
    lines = [tuple(header), *rows]
    for line in lines:
        grid.add_row()
        cells = grid.rows[-1].cells
        if len(line) == 1:
            cells[0].merge(cells[-1]).text = line[0]
            continue
        for place, text in zip(cells, line, strict=True):
            place.text = text or ""
    for column in range(len(header)):
        top = 0
        for number, line in enumerate(lines):
            if len(line) == 1 or line[column] is not None:
                top = number
            elif number + 1 == len(lines) or len(lines[number + 1]) == 1 or lines[number + 1][column] is not None:
                grid.cell(top, column).merge(grid.cell(number, column))
    mark = grid.rows[0]._tr.get_or_add_trPr()
    mark.append(mark.makeelement(f"{{{WORD}}}tblHeader", {}))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
