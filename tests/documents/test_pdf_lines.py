"""Where lines end: 28 cells, no mark at the wrong end, numbers whole, and Latin words nearly always."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.documents.fonts import font_book
from duban.documents.paper import Face
from duban.documents.pdf.blocks import BODY
from duban.documents.pdf.lines import break_lines, clean, draw_line, set_words

pytestmark = pytest.mark.engine_free

BOOK = font_book()
CLOSING = "，。、；：？！）》〉」』】〕”’％"
OPENING = "（《〈「『【〔“‘"


def lines_of(words, cells=28, **options):
    return break_lines(set_words(BOOK, [(words, Face.FANG)], BODY), cells * BODY.cell, BODY.cell, **options)


def broken(words, cells=28, **options):
    return ["".join(one.character for one in line.glyphs) for line in lines_of(words, cells, **options)]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("一二三四五六七八九十", ["一二三四五", "六七八九十"]),
        ("一二三四五，六七八九", ["一二三四", "五，六七八", "九"]),  # nothing to squeeze: one goes down
        ("一，三、五，六七八九十", ["一，三、五，", "六七八九十"]),  # three marks: drawn in
        ("一二三四［6］八九十", ["一二三四", "［6］八九", "十"]),  # a note's mark is whole
        ("一二三四（六七）八九十", ["一二三四", "（六七）八", "九十"]),  # no opening mark at the end
        ("一二三）。”六七八九十", ["一二三）。”", "六七八九十"]),
        ("一二三四五……六七", ["一二三四五", "……六七"]),
        ("一二三四……五六七", ["一二三四", "……五六七"]),  # an ellipsis is not parted
        ("一二三四12345六七", ["一二三四", "12345六七"]),  # nor a number
        ("一二三2020年六七", ["一二三", "2020年六七"]),  # nor a year from its 年
        ("一二三四4万户", ["一二三四", "4万户"]),
        ("一二三四80%六七八", ["一二三四", "80%六七八"]),
        ("完成1.61万人以上", ["完成1.61万", "人以上"]),
        ("ab cd ef gh ij kl", ["ab cd ef gh", "ij kl"]),
        ("一\n二", ["一", "二"]),
        ("一\n", ["一", ""]),
        ("", [""]),
        ("，，，，，，，，", None),
        ("（（（（（（（（（", None),
    ],
)
def test_line_ends(words, lines):
    found = broken(words, 5)
    assert "".join(found).replace(" ", "") == words.replace(" ", "").replace("\n", "")
    if lines is not None:
        assert found == lines


def test_line_of_characters_holds_as_many_as_it_has_cells():
    assert [len(line) for line in broken("督" * 100)] == [28, 28, 28, 16]
    assert [len(line) for line in broken("督" * 100, indent=2 * BODY.cell)] == [26, 28, 28, 18]


def test_full_lines_reach_the_edge():
    words = "新增人才1.61万人，市场主体总量突破4万户，“一件事”套餐办理率达80%以上；（其中）" * 6
    for line in lines_of(words)[:-1]:
        assert line.width == pytest.approx(28 * BODY.cell, abs=0.001)


def test_line_that_would_be_torn_stands_ragged():
    first, *_ = lines_of("登录abcdefghijkl", 5)
    assert first.width == pytest.approx(2 * BODY.cell)


def test_long_address_is_parted_behind_its_marks():
    assert broken("见https://a.example.cn/letters/2020/12345678", 10)[0] == "见https://a.example."
    assert "".join(broken("https://" + "a" * 90, 10)) == "https://" + "a" * 90


def test_words_are_drawn_where_they_were_measured():
    line, *_ = lines_of("（一）完成80%，“增”。其他事项按时推进", 10)
    place = 0
    for one in draw_line(line, 7.0, 0.0, BODY.size):
        assert one.x == pytest.approx(7.0 + line.indent + sum(line.widths[:place]) + line.shifts[place], abs=0.001)
        for character in one.text:
            assert character == line.glyphs[place].character
            place += 1
    assert place == len(line.glyphs)


@pytest.mark.parametrize(
    ("given_", "cleaned"),
    [
        ("一\x00二\x1b三", "一二三"),
        ("一\u200b二\ufeff三\u00ad四\ufe0f", "一二三四"),
        ("一\t二\u00a0三", "一 二 三"),
        ("一\r\n二\r三\u2028四\x0b五", "一\n二\n三\n四\n五"),
        ("e\u0301", "é"),
        ("一\u3000二", "一\u3000二"),
    ],
)
def test_what_cannot_be_set_is_left_out(given_, cleaned):
    assert clean(given_) == cleaned


ALPHABET = st.sampled_from([*"督查事项的1280%.aB ", *CLOSING, *OPENING, "—", "…", "·", "年"])


@settings(max_examples=300, deadline=None)
@given(st.text(ALPHABET, max_size=120), st.integers(2, 28), st.booleans())
def test_every_line_fits_and_nothing_is_lost(words, cells, is_indented):
    lines = lines_of(words, cells, indent=BODY.cell if is_indented else 0.0)
    joined = "".join(glyph.character for line in lines for glyph in line.glyphs)
    assert joined.replace(" ", "") == words.replace(" ", "")
    for line in lines:
        assert line.indent + line.width <= cells * BODY.cell + 0.001
        assert all(width > 0 for width in line.widths)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["督查", "事项", "，", "。", "（一）", "“办”", "、", "2020年", "80%"]), max_size=60))
def test_no_line_of_ordinary_words_begins_or_ends_with_the_wrong_mark(parts):
    words = "".join(
        part for place, part in enumerate(parts) if part not in "，。、" or (place and parts[place - 1] not in "，。、")
    )
    lines = broken(words.lstrip("，。、"), 14)
    assert [line[0] for line in lines[1:] if line[0] in CLOSING + "%"] == []
    assert [line[-1] for line in lines[:-1] if line[-1] in OPENING] == []
