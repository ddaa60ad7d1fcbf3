import pytest

from duban.core.errors import Invalid
from duban.evidence.rules import (
    checked_address,
    checked_place,
    checked_reason,
    checked_title,
    needs_evidence,
    size_text,
)
from duban.matters.rules import Kind

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    "address",
    [
        "http://www.linjiang.example/a?b=c#d",
        "https://www.linjiang.example:8443/公示/2020.html",
        "  HTTPS://例子.中国/x  ",
        "http://10.1.2.3/x",
        "http://[::1]/x",
        "https://linjiang.example/" + "a" * 475,
    ],
)
def test_address_that_may_be_a_link(address):
    assert checked_address(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "www.linjiang.example",
        "javascript:alert(1)",
        "JavaScript://linjiang.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://linjiang.example/a",
        "http://",
        "http:///x",
        "https://linjiang.example:port/",
        "https://linjiang.example:99999/",
        "http://[::1/x",
        "https://linjiang.example/a b",
        "https://linjiang.example/\u202ecod.exe",
        "https://linjiang.example/\u200b",
        "https://linjiang.example/\nx",
        'https://linjiang.example/"onclick="x',
        "https://linjiang.example\\@x.example/",
        "//linjiang.example/x",
    ],
)
def test_address_that_is_none(address):
    with pytest.raises(Invalid) as refusal:
        checked_address(address)
    assert refusal.value.message == "请填写完整的网址，以 http:// 或 https:// 开头。"
    assert refusal.value.field == "address"


def test_address_with_a_password_or_too_long_is_refused():
    for address, said in (
        ("https://user:secret@linjiang.example/", "网址里不能带用户名和密码。"),
        ("https://user@linjiang.example/", "网址里不能带用户名和密码。"),
        ("https://linjiang.example/" + "a" * 476, "网址不超过 500 个字符，现在 501 个。"),
    ):
        with pytest.raises(Invalid) as refusal:
            checked_address(address)
        assert refusal.value.message == said


def test_titles_places_and_reasons_are_one_seen_line():
    assert checked_title(" 验收\n报告\u202e ") == "验收 报告"
    assert checked_title(" ", otherwise="名" * 101) == "名" * 100
    assert checked_title("字" * 100) == "字" * 100
    assert checked_place("临江教〔2020〕5号，档案室 3 柜") == "临江教〔2020〕5号，档案室 3 柜"
    assert checked_reason(" 传错了 ") == "传错了"
    for check, text, said in (
        (checked_title, "字" * 101, "名称不超过 100 字，现在 101 字。"),
        (checked_title, "\u200b", "请填写材料名称。"),
        (checked_place, " ", "请写明纸质材料的文号或存放处，便于查找。"),
        (checked_place, "字" * 201, "文号、存放处不超过 200 字，现在 201 字。"),
        (checked_reason, "错", "请写明撤下的原因。"),
        (checked_reason, "字" * 201, "原因不超过 200 字，现在 201 字。"),
    ):
        with pytest.raises(Invalid) as refusal:
            check(text)
        assert refusal.value.message == said


@pytest.mark.parametrize(
    ("kind", "compulsory", "needed"),
    [
        (Kind.QUANTIFIED, (), False),
        (Kind.QUANTIFIED, ("quantified",), True),
        (Kind.MILESTONE, ("quantified", "continuing"), False),
        (Kind.CONTINUING, ("quantified", "continuing"), True),
    ],
)
def test_no_evidence_is_compulsory_unless_the_policy_says_so(kind, compulsory, needed):
    assert needs_evidence(kind, compulsory) is needed


def test_size_in_words():
    assert [size_text(one) for one in (1, 1500, 1048575, 1048576, 52428800)] == [
        "1 KB",
        "1 KB",
        "1024 KB",
        "1.0 MB",
        "50.0 MB",
    ]
