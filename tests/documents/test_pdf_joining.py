import re
from datetime import date

import pytest

from duban.documents import pdf
from duban.documents.paper import Figure, Form, Head, Paper, Signature, text
from duban.documents.pdf import to_pdf, to_pdf_batch
from duban.documents.pdf.joining import joined
from tests.documents.papers import OFFICE, SVG
from tests.documents.reading_back import read


def a_letter(number, *, signed_on=date(2020, 7, 6), blocks=()):
    return Paper(
        Form.LETTER,
        f"关于第{number}实验小学建设进展情况的督办函",
        (text(f"第{number}项：新建第{number}实验小学，新增学位{number * 30}个。" * (20 if number % 3 else 1)), *blocks),
        head=Head(OFFICE, number=f"临江政督督〔2020〕{number}号"),
        signature=Signature((OFFICE,), signed_on) if signed_on else None,
    )


def in_pieces(papers, monkeypatch, *, pages=4):
    monkeypatch.setattr(pdf, "PIECE_PAGES", pages)
    data = to_pdf_batch(papers)
    monkeypatch.undo()
    return data


def marks(page):
    chars = [
        (char["text"], char["x0"], char["top"], char["size"], char["fontname"].partition("+")[2]) for char in page.chars
    ]
    return chars, [(line["x0"], line["top"], line["x1"], line["bottom"]) for line in page.lines]


def test_pages_of_pieces_are_those_of_the_whole(monkeypatch):
    papers = [a_letter(number) for number in range(1, 14)]
    pieces, whole = read(in_pieces(papers, monkeypatch)), read(to_pdf_batch(papers))
    assert [marks(page) for page in pieces] == [marks(page) for page in whole]
    assert [(page.width, page.height) for page in pieces] == [(page.width, page.height) for page in whole]


def test_each_document_begins_on_an_odd_page_also_where_a_piece_begins(monkeypatch):
    papers = [a_letter(number) for number in range(1, 10)]
    numbers = [
        place for place, page in enumerate(read(in_pieces(papers, monkeypatch))) if "督督" in page.extract_text()
    ]
    assert len(numbers) == 9
    assert all(number % 2 == 0 for number in numbers)


def test_same_papers_give_the_same_bytes_and_others_another_name(monkeypatch):
    papers = [a_letter(number) for number in range(1, 10)]
    data, other = in_pieces(papers, monkeypatch), in_pieces([*papers[:-1], a_letter(10)], monkeypatch)
    assert in_pieces(papers, monkeypatch) == data
    names = re.findall(rb"/ID\[\((.{24})\)\(.{24}\)\]", data)
    assert len(names) == 1
    assert data.count(names[0]) == to_pdf(papers[0]).count(re.findall(rb"/ID\[\((.{24})\)", to_pdf(papers[0]))[0])
    assert re.findall(rb"/ID\[\((.{24})\)", other) != names


def test_pieces_are_one_archival_document_with_one_description(monkeypatch):
    data = in_pieces([a_letter(number) for number in range(1, 10)], monkeypatch)
    pages = len(read(data))
    assert data.count(b"pdfaid:part>2") == data.count(b"/Type/Catalog") == data.count(b"/Type/Metadata") == 1
    assert re.findall(rb"NPages>(\d+)<", data) == [str(pages).encode()]
    assert read(data)[0].pdf.metadata["Title"] == "关于第1实验小学建设进展情况的督办函"


def test_undated_pieces_and_pieces_with_pictures(monkeypatch):
    papers = [a_letter(number, signed_on=None, blocks=(Figure(SVG, 100, 40),)) for number in range(1, 10)]
    data = in_pieces(papers, monkeypatch)
    assert b"pdfaid" not in data
    assert [len(page.rects) for page in read(data)] == [len(page.rects) for page in read(to_pdf_batch(papers))]


def test_one_piece_is_left_as_it_is():
    data = to_pdf(a_letter(1))
    assert joined([data]) is data


def test_tagged_and_foreign_files_are_refused():
    letter = to_pdf(a_letter(1))
    tagged = to_pdf(a_letter(1, blocks=(Figure(SVG, 100, 40),)))
    for bad, words in (
        (tagged, "tagged"),
        (b"%PDF-1.4\n" + letter[9:], "as typst writes it"),
        (letter.replace(b"\n5 0 obj", b"\n6 0 obj"), "object 5"),
    ):
        with pytest.raises(ValueError, match=words):
            joined([letter, bad])
