"""Every kind drawn as PDF and as .docx says all it holds; a leader's page is one page."""

import io
import re
from dataclasses import replace

import pdfplumber
import pytest
from docx import Document

from duban.documents.docx_file import to_docx
from duban.documents.kinds import leader_brief
from duban.documents.kinds.leader_brief import BriefList
from duban.documents.paper import Figure, Heading, Paragraph, Table
from duban.documents.pdf import to_pdf
from tests.documents import examples
from tests.documents.papers import words_of

pytestmark = pytest.mark.engine_free

PAPERS = examples.every_kind()


def squeezed(text):
    return re.sub(r"\s", "", text)


def pieces_of(paper):
    """Yield what a paper holds, piece by piece, without the blanks a drawer may set otherwise."""
    yield from (paper.title, paper.recipients)
    for block in [*paper.blocks, *(block for annex in paper.annexes for block in annex.blocks)]:
        yield words_of(block)
        if isinstance(block, Table):
            yield from (column.title for column in block.columns)
            yield from (line for row in block.rows for cell in row.cells for line in cell.split("\n"))
        elif isinstance(block, Figure):
            yield block.caption


def characters(text):
    return {one: text.count(one) for one in set(text)}


@pytest.mark.parametrize("name", PAPERS)
def test_pdf_says_all(name):
    with pdfplumber.open(io.BytesIO(to_pdf(PAPERS[name]))) as file:
        drawn = characters(squeezed("".join(char["text"] for page in file.pages for char in page.chars)))
    # merged cells are written once, so each character need only be there as often as the plain blocks have it
    wanted = characters(
        squeezed(
            "".join(
                "".join(run.text for run in one.runs) if isinstance(one, Paragraph) else one.text + one.run_in
                for one in PAPERS[name].blocks
                if isinstance(one, Paragraph | Heading)
            )
            + PAPERS[name].title
        )
    )
    assert {one: count for one, count in wanted.items() if drawn.get(one, 0) < count} == {}
    assert set(squeezed("".join(words_of(PAPERS[name])))) - set(drawn) == set()


@pytest.mark.parametrize("name", PAPERS)
def test_docx_says_all(name):
    document = Document(io.BytesIO(to_docx(PAPERS[name])))
    drawn = squeezed("".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t")))
    assert [one for one in words_of(PAPERS[name]) if squeezed(one) not in drawn] == []


@pytest.mark.parametrize(
    "title", ["郑文渊副区长联系督查事项专报", "郑文渊副区长联系的区政府工作报告目标任务和民生实事督查事项专报"]
)
@pytest.mark.parametrize("width", [6, 25, 26, 27, 54, 81, 200])
def test_leaders_page_is_one_page_whatever_there_is_to_say(title, width):
    lists = tuple(BriefList(f"{one}灯事项", ("督办，" * (width // 3),) * 40) for one in "红黄绿")
    paper = leader_brief.paper_of(replace(examples.LEADER_BRIEF, title=title, lists=lists))
    with pdfplumber.open(io.BytesIO(to_pdf(paper))) as file:
        assert len(file.pages) == 1
