"""Which font each character takes: the operator's first, then those shipped, else an error that names it."""

import shutil

import pytest
from fontTools.ttLib import TTFont

from duban.documents.fonts import SHIPPED, face_named, font_book
from duban.documents.paper import DocumentError, Face, Form, MissingGlyph, Paper, text
from duban.documents.pdf import to_pdf
from tests.documents.reading_back import read

pytestmark = pytest.mark.engine_free


def renamed(folder, source, name, *, postscript):
    """Put a copy of a shipped font into a folder under another name, as an operator's own font would be there."""
    font = TTFont(SHIPPED / source)
    font["name"].names = [one for one in font["name"].names if one.nameID not in (1, 4, 6, 16)]
    for number, words in ((1, name), (4, name), (6, postscript)):
        font["name"].setName(words, number, 3, 1, 0x409)
    folder.mkdir(exist_ok=True)
    font.save(folder / f"{postscript}.otf")


@pytest.mark.parametrize(
    ("face", "file"),
    [
        (Face.FANG, "FandolFang-Regular.otf"),
        (Face.HEI, "FandolHei-Regular.otf"),
        (Face.KAI, "FandolKai-Regular.otf"),
        (Face.SONG, "FandolSong-Regular.otf"),
        (Face.MARK, "FandolSong-Bold.otf"),
    ],
)
def test_each_face_has_its_shipped_font(face, file):
    font, advance = font_book().find(face, "督", "督查")
    assert (font.path.name, advance) == (file, 1.0)


@pytest.mark.parametrize("character", "昇玥喆珺翀赟镕𠮷")
def test_rare_character_comes_from_the_fallback(character):
    assert font_book().find(Face.FANG, character, character)[0].family == "LXGW WenKai"


@pytest.mark.parametrize("character", "_＿")
def test_line_to_write_on_is_unbroken(character):
    font, advance = font_book().find(Face.HEI, character, character)
    opened = TTFont(font.path)
    glyph = opened["glyf"][opened.getBestCmap()[ord(character)]]
    assert glyph.xMin <= 0
    assert glyph.xMax >= advance * opened["head"].unitsPerEm


def test_character_of_no_font_is_refused_with_the_words_around_it():
    with pytest.raises(MissingGlyph) as caught:
        font_book().find(Face.FANG, "☑", "临江区第三实验小学等十二个重点建设项目☑已全部按时完成并通过验收")
    assert caught.value.character == "☑"
    assert "见于“…小学等十二个重点建设项目☑已全部按时完成并通过验收”" in str(caught.value)


@pytest.mark.parametrize("name", ["仿宋_GB2312", "FangSong_GB2312"])
def test_operator_font_comes_before_the_shipped_one(tmp_path, name):
    renamed(tmp_path, "FandolKai-Regular.otf", name, postscript="OwnFang")
    book = font_book(tmp_path)
    assert book.find(Face.FANG, "督", "督")[0].path == tmp_path / "OwnFang.otf"
    assert book.find(Face.KAI, "督", "督")[0].path.name == "FandolKai-Regular.otf"
    assert book.find(Face.FANG, "昇", "昇")[0].family == "LXGW WenKai"
    paper = Paper(form=Form.PLAIN, title="督", blocks=(text("查"),))
    fonts = {one["text"]: one["fontname"][7:] for one in read(to_pdf(paper, fonts=tmp_path))[0].chars}
    assert fonts["查"] == "OwnFang"
    assert fonts["督"] == "FandolSong-Bold"


def test_any_other_operator_font_serves_what_nothing_else_has(tmp_path):
    renamed(tmp_path, "FandolKai-Regular.otf", "临江自造字", postscript="Extra")
    book = font_book(tmp_path)
    assert book.find(Face.FANG, "督", "督")[0].path.name == "FandolFang-Regular.otf"
    assert book.chains[Face.FANG][-1].path == tmp_path / "Extra.otf"


def test_operator_font_named_like_a_shipped_one_is_not_mistaken_for_it(tmp_path):
    shutil.copy(SHIPPED / "FandolHei-Regular.otf", tmp_path / "hei.otf")
    book = font_book(tmp_path)
    assert book.find(Face.HEI, "督", "督")[0].path.parent == SHIPPED
    assert [font.path.name for font in book.chains[Face.HEI] if font.path.parent == tmp_path] == []


def test_replaced_operator_font_is_noticed(tmp_path):
    renamed(tmp_path, "FandolKai-Regular.otf", "黑体", postscript="Own")
    first = font_book(tmp_path)
    assert first is font_book(tmp_path)
    (tmp_path / "Own.otf").unlink()
    assert font_book(tmp_path).find(Face.HEI, "督", "督")[0].path.parent == SHIPPED


def test_broken_operator_font_is_named(tmp_path):
    (tmp_path / "坏.ttf").write_bytes(b"no font at all")
    with pytest.raises(DocumentError, match=r"坏\.ttf"):
        font_book(tmp_path)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DocumentError, match="没有这个目录"):
        font_book(tmp_path / "fonts")


@pytest.mark.parametrize(
    ("name", "face"), [("SimHei", Face.HEI), ("宋体", Face.SONG), ("fandolhei", Face.HEI), ("Arial", None)]
)
def test_face_is_found_by_the_name_of_a_family(name, face):
    assert face_named(name) is face


def test_ink_of_a_mark_is_measured():
    font, _ = font_book().find(Face.MARK, "一", "一")
    top, bottom = font.ink("一")
    assert 0.2 < bottom < top < 0.6
