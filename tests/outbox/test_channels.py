"""The ways out against servers that speak their protocols, and against some that do not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from duban.outbox.channels import Parcel, transmit
from duban.outbox.channels.mail import send_mail
from duban.outbox.channels.robots import dingtalk_signature, feishu_signature
from duban.outbox.channels.wire import exchange
from duban.outbox.rules import FIELDS, ChannelKind, Result, SendFailed, checked_settings
from tests.outbox.servers import (
    CERTIFICATE,
    Mailbox,
    drips,
    free_port,
    gateway,
    hangs_up,
    mail_server,
    says_nothing,
    scripted,
)

pytestmark = pytest.mark.engine_free

REAL = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
PARCEL = Parcel(key="reminder/1", address="w@example.cn", title="明天到期 2 项", text="第 8 项\n.第 9 项", count=2)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """Nobody waits twenty seconds in a test."""
    for name in ("exchange", "send_mail"):
        module = {"exchange": exchange, "send_mail": send_mail}[name]
        monkeypatch.setitem(module.__kwdefaults__, "seconds", 0.8)


def mail_settings(port, **given):
    typed = {"host": "127.0.0.1", "port": str(port), "security": "none", "sender": "ducha@example.cn"} | given
    return checked_settings(ChannelKind.EMAIL, typed, kept={})


def mail(port, *, parcel=PARCEL, **given):
    settings, secrets = mail_settings(port, **given)
    return transmit(ChannelKind.EMAIL, [parcel], settings=settings, secrets=secrets, real=REAL)


# ── 邮件 ──


def test_mail_says_how_much_waits_and_not_what():
    with mail_server() as box:
        outcome = mail(box.port, sender_name="督查室")
    assert (outcome.result, len(box.taken)) == (Result.SENT, 1)
    sender, recipients, content = box.taken[0]
    read = message_from_bytes(content, policy=default)
    assert (sender, recipients) == ("ducha@example.cn", ["w@example.cn"])
    assert (read["Subject"], str(read["From"])) == ("明天到期 2 项", "督查室 <ducha@example.cn>")
    assert read.get_content().strip() == "您有 2 项待办，请登录督办系统查看。"
    assert content.isascii()


def test_mail_with_text_carries_it_whole_dots_included():
    with mail_server() as box:
        mail(box.port, with_text="1")
    assert message_from_bytes(box.taken[0][2], policy=default).get_content().splitlines() == ["第 8 项", ".第 9 项"]


def test_mail_sent_again_bears_the_same_id():
    with mail_server() as box:
        mail(box.port)
        mail(box.port)
    first, second = (message_from_bytes(content)["Message-ID"] for _, _, content in box.taken)
    assert first == second
    assert first.endswith("@example.cn>")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_with_password_over_tls(security):
    given = {"security": security, "username": "ducha", "ca": CERTIFICATE}
    with mail_server(password="richtig", tls=security) as box:
        assert mail(box.port, password="richtig", **given).result is Result.SENT
        assert mail(box.port, password="falsch-1", **given).words == "服务器不认用户名或密码"
    assert (len(box.taken), box.logins[0]) == (1, "ducha")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_to_a_server_nobody_vouches_for_is_not_sent(security):
    with mail_server(tls=security) as box:
        outcome = mail(box.port, security=security)
    assert (outcome.result, box.taken) == (Result.UNREACHABLE, [])
    assert "证书不被信任" in outcome.words


def test_mail_is_not_sent_in_the_clear_when_starttls_is_missing():
    with mail_server() as box:
        outcome = mail(box.port, security="starttls")
    assert (outcome.result, box.taken) == (Result.UNREACHABLE, [])
    assert "STARTTLS" in outcome.words


def test_mail_server_that_is_down():
    outcome = mail(free_port())
    assert (outcome.result, outcome.words) == (Result.UNREACHABLE, "对方拒绝连接")


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Mailbox(rcpt="550 no such user"), Result.REFUSED),
        (Mailbox(rcpt="450 greylisted"), Result.RETRY),
        (Mailbox(data="552 too big"), Result.REFUSED),
        (Mailbox(data="451 try later"), Result.RETRY),
    ],
)
def test_mail_refused_for_now_or_for_good(box, expected):
    with mail_server(mailbox=box):
        assert mail(box.port).result is expected
    assert box.taken == []


def test_mail_to_nobody_is_refused():
    assert mail(free_port(), parcel=Parcel("k", "", "t", "", 1)).result is Result.REFUSED


HELLO = [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([2.0], Result.UNREACHABLE),  # takes the call and says nothing
        ([b"220 hi\r\n", 2.0], Result.UNREACHABLE),
        ([b"421 busy\r\n"], Result.UNREACHABLE),
        ([b"\x00\xff garbage\r\n"], Result.UNREACHABLE),
        ([*HELLO, b"554 no\r\n"], Result.REFUSED),
        ([*HELLO], Result.UNREACHABLE),  # hangs up before the letter
        ([*HELLO, b"354 go\r\n", 2.0], Result.UNKNOWN),  # has the letter and never says a word
        ([*HELLO, b"354 go\r\n"], Result.UNKNOWN),  # … or hangs up
        ([*HELLO, b"354 go\r\n", b"250 ok\r\n"], Result.SENT),  # without a farewell
    ],
)
def test_mail_server_that_misbehaves(lines, expected):
    with scripted(*lines) as port:
        assert mail(port).result is expected


def test_mail_server_that_drips_its_greeting_is_cut_off():
    with scripted(*[part for _ in range(40) for part in (b"2", 0.1)]) as port:
        assert mail(port).result is Result.UNREACHABLE


# ── 群机器人 ──


def robot(kind, url, *, parcels=(PARCEL,), **given):
    settings, secrets = checked_settings(kind, {"url": url, **given}, kept={})
    return transmit(kind, parcels, settings=settings, secrets=secrets, real=REAL)


def ok(asked):
    return 200, b'{"errcode": 0, "errmsg": "ok", "code": 0}'


def to(*mobiles):
    return [Parcel(f"k{number}", mobile, "t", "教育局", number) for number, mobile in enumerate(mobiles, 1)]


def test_wecom_mentions_whom_it_concerns():
    with gateway(ok) as far:
        parcels = to("13900000001", "", "13900000003")
        outcome = robot(ChannelKind.WECOM, f"{far.url}/cgi-bin/webhook/send?key=KEY-1234", parcels=parcels)
    [asked] = far.asked
    assert (outcome.result, asked.path, asked.query) == (Result.SENT, "/cgi-bin/webhook/send", {"key": ["KEY-1234"]})
    assert json.loads(asked.body) == {
        "msgtype": "text",
        "text": {
            "content": "3 人共有 6 项待办，请登录督办系统查看。",
            "mentioned_mobile_list": ["13900000001", "13900000003"],
        },
    }


def test_dingtalk_is_signed_in_the_address():
    with gateway(ok) as far:
        robot(ChannelKind.DINGTALK, f"{far.url}/robot/send?access_token=T", secret="SECabc", parcels=to("13900000001"))
    [asked] = far.asked
    [timestamp], [sign] = asked.query["timestamp"], asked.query["sign"]
    assert timestamp == "1772672523000"
    digest = hmac.new(b"SECabc", f"{timestamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert base64.b64decode(sign) == digest
    assert json.loads(asked.body) == {
        "msgtype": "text",
        "text": {"content": "您有 1 项待办，请登录督办系统查看。"},
        "at": {"atMobiles": ["13900000001"], "isAtAll": False},
    }


def test_feishu_is_signed_in_the_body():
    with gateway(ok) as far:
        robot(ChannelKind.FEISHU, f"{far.url}/open-apis/bot/v2/hook/H", secret="geheim")
    body = json.loads(far.asked[0].body)
    digest = hmac.new(b"1772672523\ngeheim", b"", hashlib.sha256).digest()
    assert (body["timestamp"], base64.b64decode(body["sign"])) == ("1772672523", digest)
    assert (body["msg_type"], body["content"]) == ("text", {"text": "您有 2 项待办，请登录督办系统查看。"})


@pytest.mark.parametrize("kind", [ChannelKind.DINGTALK, ChannelKind.FEISHU])
def test_robot_without_a_secret_is_not_signed(kind):
    with gateway(ok) as far:
        assert robot(kind, f"{far.url}/hook").result is Result.SENT
    assert b"sign" not in far.asked[0].body
    assert far.asked[0].query == {}


def test_signatures_do_not_change():
    """Computed once with openssl: printf '1500000000000\\nSEC' | openssl dgst -sha256 -hmac SEC -binary | base64."""
    assert dingtalk_signature("SEC", timestamp_ms=1500000000000) == "qa5srh51px2SB4hJARvLOdKqIk+LCOTmcGDqVlxDBYY="
    assert feishu_signature("demo", timestamp_s=1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [
        (ChannelKind.WECOM, b'{"errcode": 45009, "errmsg": "api freq out of limit"}', Result.RETRY),
        (ChannelKind.WECOM, b'{"errcode": 93000, "errmsg": "invalid webhook url"}', Result.UNREACHABLE),
        (ChannelKind.DINGTALK, b'{"errcode": 130101, "errmsg": "send too fast"}', Result.RETRY),
        (ChannelKind.DINGTALK, b'{"errcode": 310000, "errmsg": "sign not match"}', Result.UNREACHABLE),
        (ChannelKind.FEISHU, b'{"code": 19021, "msg": "sign match fail"}', Result.UNREACHABLE),
        (ChannelKind.FEISHU, b'{"StatusCode": 0, "StatusMessage": "success"}', Result.SENT),
        (ChannelKind.FEISHU, b'{"code": 11232, "msg": "frequency limited"}', Result.RETRY),
        (ChannelKind.WECOM, b"<html>portal</html>", Result.UNKNOWN),
        (ChannelKind.WECOM, b"[]", Result.UNKNOWN),
        (ChannelKind.WECOM, b'{"errcode": "0"}', Result.UNKNOWN),
        (ChannelKind.WECOM, b'{"errcode": false}', Result.UNKNOWN),
        (ChannelKind.WECOM, b"", Result.UNKNOWN),
    ],
)
def test_robot_answers(kind, answer, expected):
    with gateway(lambda asked: (200, answer)) as far:
        assert robot(kind, f"{far.url}/hook").result is expected


def test_answer_that_repeats_the_secret_is_not_kept():
    def echo(asked):
        return 200, json.dumps({"errcode": 1, "errmsg": f"bad hook {far.url}/hook?key=KEY-1234"}).encode()

    with gateway(echo) as far:
        outcome = robot(ChannelKind.WECOM, f"{far.url}/hook?key=KEY-1234")
    assert "KEY-1234" not in outcome.words
    assert "bad hook" in outcome.words


# ── 网络 ──


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((301, b"", {"Location": "https://example.cn/"}), Result.UNREACHABLE),
        ((302, b"", {"Location": "file:///etc/passwd"}), Result.UNREACHABLE),
        ((404, b""), Result.UNREACHABLE),
        ((403, b""), Result.UNREACHABLE),
        ((400, b""), Result.REFUSED),
        ((429, b""), Result.RETRY),
        ((503, b""), Result.RETRY),
        ((500, b""), Result.UNKNOWN),
        ((502, b""), Result.UNKNOWN),
    ],
)
def test_status_decides(answer, expected):
    with gateway(lambda asked: answer) as far:
        assert robot(ChannelKind.WECOM, f"{far.url}/hook").result is expected
    assert len(far.asked) == 1  # no redirect was followed


@pytest.mark.parametrize("answer", [says_nothing(), drips(), hangs_up()])
def test_gateway_that_never_answers_to_the_end_leaves_it_unknown(answer):
    with gateway(lambda asked: answer) as far:
        outcome = robot(ChannelKind.WECOM, f"{far.url}/hook")
    assert (outcome.result, len(far.asked)) == (Result.UNKNOWN, 1)


def test_gateway_that_is_down_or_nowhere():
    assert robot(ChannelKind.WECOM, f"http://127.0.0.1:{free_port()}/hook").result is Result.UNREACHABLE
    outcome = robot(ChannelKind.WECOM, "https://no-such-host.invalid/hook")
    assert (outcome.result, outcome.words) == (Result.UNREACHABLE, "找不到主机，请检查地址和本机的域名解析")


def test_huge_answer_is_not_read_to_its_end():
    answer = b'{"errcode": 0}' + b" " * 5_000_000
    with gateway(lambda asked: (200, answer)) as far:
        assert robot(ChannelKind.WECOM, f"{far.url}/hook").result is Result.SENT


def test_https_is_verified_and_may_trust_one_certificate():
    with gateway(ok, tls=True) as far:
        refused = robot(ChannelKind.WECOM, f"{far.url}/hook")
        assert (refused.result, far.asked) == (Result.UNREACHABLE, [])
        assert robot(ChannelKind.WECOM, f"{far.url}/hook", ca=CERTIFICATE).result is Result.SENT


def test_https_that_never_answers_leaves_it_unknown():
    with gateway(lambda asked: says_nothing(), tls=True) as far:
        assert robot(ChannelKind.WECOM, f"{far.url}/hook", ca=CERTIFICATE).result is Result.UNKNOWN


def test_certificate_that_cannot_be_read_is_said():
    broken = "-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----"
    outcome = robot(ChannelKind.WECOM, "https://127.0.0.1/hook", ca=broken)
    assert (outcome.result, "重新粘贴" in outcome.words) == (Result.UNREACHABLE, True)


def test_body_is_bounded():
    with gateway(lambda asked: (200, b"x" * 200_000)) as far:
        assert len(exchange(f"{far.url}/", headers={})) == 65_536


# ── 短信 ──


SMS = Parcel(key="k", address="13900000001", title="t", text="教育局", count=3)


def sms(url, **given):
    typed = {one.name: one.default for one in FIELDS[ChannelKind.SMS]} | {"url": url, "signature": "【临江区政府办】"}
    settings, secrets = checked_settings(ChannelKind.SMS, typed | given, kept={})
    return transmit(ChannelKind.SMS, [SMS], settings=settings, secrets=secrets, real=REAL)


def test_sms_as_json_with_its_signature_of_the_sender():
    with gateway(ok) as far:
        assert sms(f"{far.url}/send").result is Result.SENT
    [asked] = far.asked
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json; charset=utf-8")
    assert json.loads(asked.body) == {
        "mobile": "13900000001",
        "content": "【临江区政府办】您有 3 项待办，请登录督办系统查看。",
    }


def test_sms_by_template_signed_by_hmac():
    body = {"to": ["{phone}"], "template": "{template}", "args": {"n": "{count}"}, "t": "{timestamp}", "s": "{sign}"}
    with gateway(ok) as far:
        sms(
            f"{far.url}/send",
            body=json.dumps(body),
            template="T-7",
            secret="geheim",
            sign_method="hmac-sha256",
            sign_text="{phone}|{timestamp}",
            headers="X-Key: {secret}\nX-Nonce: {nonce}",
        )
    [asked] = far.asked
    sign = hmac.new(b"geheim", b"13900000001|1772672523", hashlib.sha256).hexdigest()
    assert json.loads(asked.body) == {
        "to": ["13900000001"],
        "template": "T-7",
        "args": {"n": "3"},
        "t": "1772672523",
        "s": sign,
    }
    assert (asked.headers["X-Key"], len(asked.headers["X-Nonce"])) == ("geheim", 16)


@pytest.mark.parametrize(("method", "digest"), [("sha256", hashlib.sha256), ("md5", hashlib.md5)])
def test_sms_as_a_form_signed_by_a_digest(method, digest):
    with gateway(ok) as far:
        sms(
            f"{far.url}/send",
            format="form",
            body="m={phone}\nc={text}\nsign={sign}",
            secret="geheim",
            sign_method=method,
            sign_text="{phone}{secret}",
        )
    [asked] = far.asked
    sign = digest(b"13900000001geheim").hexdigest()
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.body.decode().endswith(f"&sign={sign}")
    assert asked.body.startswith(b"m=13900000001&c=%E6%82%A8")


def test_sms_in_the_address():
    with gateway(lambda asked: (200, b'{"result": {"status": "OK"}}')) as far:
        outcome = sms(
            f"{far.url}/send?user=1",
            format="query",
            body="phone={phone}\nmsg={text}",
            success_field="result.status",
            success_value="OK",
        )
    [asked] = far.asked
    assert (outcome.result, asked.method, asked.query["user"]) == (Result.SENT, "GET", ["1"])
    assert asked.query["msg"] == ["您有 3 项待办，请登录督办系统查看。"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"code": 0}', Result.SENT),
        (b'{"code": "0"}', Result.SENT),
        (b'{"code": 17}', Result.RETRY),
        (b'{"status": 0}', Result.UNKNOWN),
        (b"OK", Result.UNKNOWN),
        (b"[]", Result.UNKNOWN),
    ],
)
def test_sms_gateway_answers(answer, expected):
    with gateway(lambda asked: (200, answer)) as far:
        assert sms(f"{far.url}/send").result is expected


def test_sms_to_nobody_is_refused():
    settings, secrets = checked_settings(
        ChannelKind.SMS,
        {one.name: one.default for one in FIELDS[ChannelKind.SMS]} | {"url": "http://127.0.0.1:1/"},
        kept={},
    )
    parcel = Parcel("k", "", "t", "", 1)
    outcome = transmit(ChannelKind.SMS, [parcel], settings=settings, secrets=secrets, real=REAL)
    assert outcome.result is Result.REFUSED


def test_failure_is_no_exception_for_the_caller():
    with pytest.raises(SendFailed):
        exchange(f"http://127.0.0.1:{free_port()}/", headers={})
