"""Encodings, and bytes that are no text."""

import pytest

from duban.reading import NotReadable, read_notice
from duban.reading.decode import MAX_BYTES, decode

pytestmark = pytest.mark.engine_free
TEXT = "序号\t工作任务\t责任单位\n1\t新建学校2所。\t县教育局\n2\t改造市场3个。\t县商务局\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_is_recognised(codec):
    assert [m.text for m in read_notice(TEXT.encode(codec)).matters] == ["新建学校2所。", "改造市场3个。"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_do_not_matter(ending):
    reading = read_notice(TEXT.replace("\n", ending).encode())
    assert [(m.serial, m.line) for m in reading.matters] == [("1", 2), ("2", 3)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\x00\x00\x00", "empty"),
        (bytes(range(256)) * 40, "binary"),
        (b"\x00\x01\x02\x03" * 500 + b"abc", "binary"),
        (b"PK\x03\x04" + b"\x00" * 30 + b"word/document.xml", "truncated"),
        (b"PK\x03\x04" + b"\x00" * 30 + b"xl/workbook.xml", "truncated"),
        (b"%PDF-1.7\n...", "truncated"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unsupported_format"),
        (b"\x89PNG\r\n\x1a\n", "unsupported_format"),
        (b"<!DOCTYPE html><html></html>", "unsupported_format"),
        (TEXT.encode()[:-5], "truncated"),
        (TEXT.encode("utf-16")[:-1], "truncated"),
        (b"\xff\xfe" + "第1项".encode("utf-16-le") + b"\x00\xd8\x41\x00", "undecodable"),
        (("锟斤拷" * 60).encode(), "undecodable"),
        (("\ufffd" * 60 + "abc").encode(), "undecodable"),
        (b"\x81\x20\xff\xff" * 50, "undecodable"),
    ],
)
def test_unreadable_bytes_are_refused_with_words(data, code):
    with pytest.raises(NotReadable) as refused:
        read_notice(data, file_name="通知.txt")
    assert refused.value.code == code
    assert refused.value.message_zh.startswith("通知.txt：")
    assert refused.value.message_zh.endswith("。")


def test_a_docx_is_told_from_a_spreadsheet():
    with pytest.raises(NotReadable, match=r"Word 文件（\.docx）不完整"):
        read_notice(b"PK\x03\x04" + b"\x00" * 30 + b"word/document.xml")


def test_a_file_too_large_is_refused():
    with pytest.raises(NotReadable) as refused:
        read_notice(b"a" * (MAX_BYTES + 1))
    assert refused.value.code == "too_large"
    assert "50 MB" in refused.value.message_zh


def test_stray_control_characters_are_left_out_and_reported():
    reading = read_notice(TEXT.replace("学校", "学\x00校\x07").encode())
    assert reading.matters[0].text == "新建学校2所。"
    assert "odd_characters" in [finding.kind for finding in reading.findings]


def test_form_feeds_number_the_pages():
    decoded = decode("甲\n乙\f丙\n丁".encode())
    assert decoded.lines == ("甲", "乙", "丙", "丁")
    assert decoded.pages == (1, 1, 2, 2)
    reading = read_notice(TEXT.replace("2\t", "\f2\t").encode())
    assert [m.page for m in reading.matters] == [1, 2]
