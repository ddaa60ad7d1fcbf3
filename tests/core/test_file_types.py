from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.errors import Invalid
from duban.core.file_types import TYPES, Family, checked_type, clean_name, extension_of
from tests.evidence.files import PDF, compound, package, picture, sheet, word

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("验收报告.pdf", "验收报告.pdf"),
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\张三\\现场.JPG", "现场.JPG"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("a/b\\c/合同.pdf", "合同.pdf"),
        ("报告\u202efdp.exe", "报告fdp.exe"),
        ("隐\u200b形\u2066.txt", "隐形.txt"),
        ("换\r\n行\t空　格.txt", "换 行 空 格.txt"),
        ("空\0字\x07符.txt", "空字符.txt"),
        ('怪<名>:"|?*.txt', "怪_名______.txt"),
        ("  . 点在前.txt .", "点在前.txt"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("console.txt", "console.txt"),
        ("/", ""),
        ("...", ""),
        ("没有扩展名", "没有扩展名"),
        ("é.txt", "é.txt"),
        ("长" * 200 + ".docx", "长" * 75 + ".docx"),
        ("长" * 200, "长" * 80),
    ],
)
def test_name_keeps_what_is_a_name(given, kept):
    assert clean_name(given) == kept


@given(st.text())
def test_whatever_the_name_it_leads_nowhere(typed):
    name = clean_name(typed)
    assert len(name) <= 80
    assert len(name.encode("utf-8", "surrogatepass")) <= 320
    assert not set(name) & set('/\\<>:"|?*\0\n\r\u202e')
    assert name not in (".", "..")
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "data", "family"),
    [
        ("a.pdf", PDF, Family.PDF),
        ("a.PDF", PDF + b"\r\n\0\0", Family.PDF),
        ("a.docx", word(), Family.PACKAGE),
        ("a.xlsx", sheet(), Family.PACKAGE),
        ("a.pptx", package("[Content_Types].xml", "ppt/presentation.xml"), Family.PACKAGE),
        ("a.ofd", package("OFD.xml", "Doc_0/Document.xml"), Family.PACKAGE),
        ("a.doc", compound("WordDocument"), Family.COMPOUND),
        ("a.wps", compound("1Table", "WordDocument"), Family.COMPOUND),
        ("a.xls", compound("Workbook"), Family.COMPOUND),
        ("a.et", compound("Book"), Family.COMPOUND),
        ("a.ppt", compound("PowerPoint Document"), Family.COMPOUND),
        ("a.jpg", picture("JPEG"), Family.IMAGE),
        ("a.png", picture("PNG"), Family.IMAGE),
        ("a.gif", picture("GIF", mode="P", colour=0), Family.IMAGE),
        ("a.webp", picture("WEBP"), Family.IMAGE),
        ("a.bmp", picture("BMP"), Family.IMAGE),
        ("a.tiff", picture("TIFF"), Family.IMAGE),
        ("名.png.jpg", picture("PNG"), Family.IMAGE),
        ("a.txt", "已经验收。\n".encode(), Family.TEXT),
        ("a.txt", "已经验收。\r\n\f".encode("gb18030"), Family.TEXT),
        ("a.txt", "\ufeff已经验收。".encode("utf-16"), Family.TEXT),
        ("a.csv", b"\xef\xbb\xbfa,b\n1,2\n", Family.TEXT),
        ("a.txt", b"BM", Family.TEXT),
        ("a.txt", ("字" * 500_000).encode(), Family.TEXT),
    ],
)
def test_file_is_what_its_name_says(name, data, family):
    content = BytesIO(data)
    assert checked_type(content, name=name).family is family
    assert content.tell() == 0


WRONG = [
    ("a.pdf", b"", "“a.pdf”是空文件，请重新选择。"),
    ("a.txt", b"", "“a.txt”是空文件，请重新选择。"),
    ("a", b"x", "不收没有扩展名的文件。"),
    ("a.exe", b"MZ", "不收“.exe”这类文件。"),
    ("a.zip", package("a.txt"), "不收“.zip”这类文件。压缩包里的内容看不到，请解压后逐个上传。"),
    ("a.heic", b"\0\0\0\x18ftypheic", "不收“.heic”这类文件。苹果手机的 HEIC 照片"),
    ("a.mp4", b"\0\0\0\x18ftypmp42", "不收“.mp4”这类文件。视频太大"),
    ("a.svg", b"<svg/>", "不收“.svg”这类文件。"),
    ("a.html", b"<html>", "不收“.html”这类文件。"),
    ("a.pdf", b"MZ" + bytes(500), "“a.pdf”的内容不是 PDF 文件，请核对后再传。"),
    ("a.pdf", picture("JPEG"), "“a.pdf”的内容不是 PDF 文件，请核对后再传。"),
    ("a.jpg", PDF, "“a.jpg”的内容不是 JPG 文件，请核对后再传。"),
    ("a.png", b"<html><script>alert(1)</script>", "“a.png”的内容不是 PNG 文件，请核对后再传。"),
    ("a.docx", sheet(), "“a.docx”的内容不是 DOCX 文件，请核对后再传（设了打开密码的文件，请取消密码后再传）。"),
    ("a.docx", compound("EncryptedPackage"), "“a.docx”的内容不是 DOCX 文件，请核对后再传（设了打开密码"),
    ("a.docx", package("a.txt"), "“a.docx”的内容不是 DOCX 文件"),
    ("a.ofd", word(), "“a.ofd”的内容不是 OFD 文件"),
    ("a.docx", word()[:-40], "“a.docx”已损坏，请重新保存后再传。"),
    ("a.docx", word()[:3000] + word()[-22:], "“a.docx”已损坏，请重新保存后再传。"),
    ("a.docx", word() + b"<script>", "“a.docx”的末尾夹带了其他内容，请另存后再传。"),
    ("a.docx", package("word/document.xml", "word/vbaProject.bin"), "“a.docx”含有宏，请另存为不含宏的文件再传。"),
    ("a.doc", compound("WordDocument", "_VBA_PROJECT"), "“a.doc”含有宏，请另存为不含宏的文件再传。"),
    ("a.doc", compound("Workbook"), "“a.doc”的内容不是 DOC 文件，请核对后再传。"),
    ("a.xls", sheet(), "“a.xls”的内容不是 XLS 文件，请核对后再传。"),
    ("a.pdf", b"<html><script>alert(1)</script>" + PDF, "“a.pdf”的"),
    ("a.pdf", b"\n" + PDF, "“a.pdf”的"),
    ("a.pdf", PDF + b"<script>alert(1)</script>", "“a.pdf”的末尾夹带了其他内容，请另存为新的 PDF 后再传。"),
    ("a.pdf", PDF + package("a.txt"), "“a.pdf”的末尾夹带了其他内容，请另存为新的 PDF 后再传。"),
    ("a.pdf", PDF + package("a.txt", comment=b"%%EOF\n"), "“a.pdf”的末尾夹带了其他内容"),
    ("a.pdf", PDF[:60], "“a.pdf”不完整，请重新导出后再传。"),
    ("a.txt", b"abc\0def", "“a.txt”的内容不是文本，请核对后再传。"),
    ("a.txt", b"\xff\xff\xff\xff", "“a.txt”的内容不是文本，请核对后再传。"),
    ("a.txt", picture("PNG"), "“a.txt”的内容不是文本，请核对后再传。"),
    ("a.txt", b"  \n<!DOCTYPE html><script>", "“a.txt”的内容不是文本，请核对后再传。"),
    ("a.csv", b"<svg onload=alert(1)>", "“a.csv”的内容不是文本，请核对后再传。"),
    ("a.txt", b"\xef\xbb\xbf#!/bin/sh\n", "“a.txt”的内容不是文本，请核对后再传。"),
    ("a.txt", PDF, "“a.txt”的内容不是文本，请核对后再传。"),
]


@pytest.mark.parametrize(("name", "data", "said"), WRONG)
def test_what_it_is_not_is_said(name, data, said):
    with pytest.raises(Invalid) as refusal:
        checked_type(BytesIO(data), name=name)
    assert refusal.value.message.startswith(said)
    assert refusal.value.field == "file"


def test_archive_that_would_fill_the_disk_is_refused():
    bomb = bytearray(package("word/document.xml"))
    place = bomb.rfind(b"PK\x01\x02")
    bomb[place + 24 : place + 28] = (0xF0000000).to_bytes(4, "little")
    with pytest.raises(Invalid) as refusal:
        checked_type(BytesIO(bytes(bomb)), name="a.docx")
    assert refusal.value.message == "“a.docx”展开后太大，不能接收。"


@given(st.binary(max_size=400), st.sampled_from(sorted(TYPES)))
def test_whatever_bytes_come_they_are_a_type_or_refused(data, extension):
    try:
        assert checked_type(BytesIO(data), name=f"a.{extension}") is TYPES[extension]
    except Invalid as refusal:
        assert refusal.message


def test_extension_is_the_last_one():
    assert [extension_of(name) for name in ("a.PDF", "a.pdf.exe", "a", "名.tar.gz")] == ["pdf", "exe", "", "gz"]
