import json

import pytest

from duban.core.errors import Invalid
from duban.outbox.rules import (
    FIELDS,
    MAX_ATTEMPTS,
    ChannelKind,
    DeliveryState,
    Result,
    back_off,
    checked_settings,
    filled,
    filled_json,
    group_text,
    hint_of,
    masked,
    mobile_of,
    redacted,
    state_after,
    terse_text,
)

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("13900000001", "13900000001"),
        ("139-0000-0001", "13900000001"),
        ("139 0000 0001", "13900000001"),
        ("+8613900000001", "13900000001"),
        ("0595-87000001 13900000001", "13900000001"),
        ("0595-87000001、13900000001", "13900000001"),
        ("0595-87000001", ""),
        ("12900000001", ""),
        ("139000000012", ""),
        ("", ""),
    ],
)
def test_mobile_of(phone, expected):
    assert mobile_of(phone) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [("13900000001", "139****0001"), ("wang@example.cn", "w***@example.cn"), ("", ""), ("1234", "****")],
)
def test_masked(address, expected):
    assert masked(address) == expected


def test_words_outside_say_how_much_and_nothing_else():
    assert terse_text(1) == group_text([1]) == "您有 1 项待办，请登录督办系统查看。"
    assert group_text([2, 3]) == "2 人共有 5 项待办，请登录督办系统查看。"


@pytest.mark.parametrize(
    ("result", "attempts", "expected"),
    [
        (Result.SENT, 1, DeliveryState.SENT),
        (Result.RETRY, 1, DeliveryState.PENDING),
        (Result.RETRY, MAX_ATTEMPTS - 1, DeliveryState.PENDING),
        (Result.RETRY, MAX_ATTEMPTS, DeliveryState.DEAD),
        (Result.REFUSED, 1, DeliveryState.DEAD),
        (Result.UNREACHABLE, 99, DeliveryState.PENDING),
        (Result.UNKNOWN, 1, DeliveryState.UNKNOWN),
    ],
)
def test_state_after(result, attempts, expected):
    assert state_after(result, attempts=attempts) is expected


def test_back_off_never_shrinks():
    waits = [back_off(attempts) for attempts in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[3] == waits[-1]


def test_redacted_hides_every_secret_and_keeps_it_short():
    secrets = {"url": "https://x.cn/hook?key=abcd", "secret": "abcd", "short": "0"}
    words = redacted("bad\n https://x.cn/hook?key=abcd  code 0 " + "x" * 500, secrets=secrets)
    assert words.startswith("bad ＊＊＊ code 0 xxx")
    assert len(words) == 200


def test_filled_does_not_look_at_what_it_filled_in():
    values = {"text": "{secret}", "secret": "geheim"}
    assert filled("{text} {other} {secret}", values) == "{secret} {other} geheim"


def test_filled_json_keeps_its_shape():
    template = json.loads('{"a": ["{text}", 1, null], "{text}": {"b": "x{text}"}}')
    assert filled_json(template, {"text": '"}, {"'}) == {"a": ['"}, {"', 1, None], "{text}": {"b": 'x"}, {"'}}


# ── settings ──


MAIL = {"host": "smtp.example.cn", "port": "465", "security": "tls", "sender": "ducha@example.cn"}
SMS = {one.name: one.default for one in FIELDS[ChannelKind.SMS]} | {"url": "https://sms.example.cn/send"}
HOOK = {"url": "https://robot.example.cn/send?key=abcd1234"}


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (ChannelKind.EMAIL, MAIL | {"host": ""}, "host"),
        (ChannelKind.EMAIL, MAIL | {"host": "smtp.example.cn/x"}, "host"),
        (ChannelKind.EMAIL, MAIL | {"host": "a b"}, "host"),
        (ChannelKind.EMAIL, MAIL | {"port": "0"}, "port"),
        (ChannelKind.EMAIL, MAIL | {"port": "65536"}, "port"),
        (ChannelKind.EMAIL, MAIL | {"port": "٤٦٥"}, "port"),
        (ChannelKind.EMAIL, MAIL | {"security": "ssl3"}, "security"),
        (ChannelKind.EMAIL, MAIL | {"sender": "ducha"}, "sender"),
        (ChannelKind.EMAIL, MAIL | {"sender": "a@b.cn\nBcc: c@d.cn"}, "sender"),
        (ChannelKind.EMAIL, MAIL | {"sender_name": "督\n查"}, "sender_name"),
        (ChannelKind.EMAIL, MAIL | {"username": "ducha"}, "password"),
        (ChannelKind.EMAIL, MAIL | {"ca": "abc"}, "ca"),
        (ChannelKind.WECOM, {"url": ""}, "url"),
        (ChannelKind.WECOM, {"url": "ftp://x.cn/"}, "url"),
        (ChannelKind.WECOM, {"url": "file:///etc/passwd"}, "url"),
        (ChannelKind.WECOM, {"url": "https://"}, "url"),
        (ChannelKind.WECOM, {"url": "https://u:p@x.cn/"}, "url"),
        (ChannelKind.WECOM, {"url": "https://x.cn:99999/"}, "url"),
        (ChannelKind.WECOM, {"url": "https://x.cn/a b"}, "url"),
        (ChannelKind.WECOM, {"url": "https://x.cn/" + "a" * 500}, "url"),
        (ChannelKind.SMS, SMS | {"url": "x"}, "url"),
        (ChannelKind.SMS, SMS | {"body": "{"}, "body"),
        (ChannelKind.SMS, SMS | {"body": '["{phone}"]'}, "body"),
        (ChannelKind.SMS, SMS | {"body": '{"a": "{text}"}'}, "body"),
        (ChannelKind.SMS, SMS | {"body": '{"a": "{phone} {nobody}"}'}, "body"),
        (ChannelKind.SMS, SMS | {"format": "form"}, "body"),
        (ChannelKind.SMS, SMS | {"headers": "no colon"}, "headers"),
        (ChannelKind.SMS, SMS | {"sign_method": "sha256"}, "sign_text"),
        (ChannelKind.SMS, SMS | {"sign_method": "sha256", "sign_text": "{sign}"}, "sign_text"),
        (ChannelKind.SMS, SMS | {"sign_method": "hmac-sha256", "sign_text": "{phone}"}, "secret"),
        (ChannelKind.SMS, SMS | {"body": '{"a": "{phone}{secret}"}'}, "secret"),
        (ChannelKind.SMS, SMS | {"success_field": ""}, "success_field"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(kind, given, field):
    with pytest.raises(Invalid) as refusal:
        checked_settings(kind, given, kept={})
    assert (refusal.value.field, refusal.value.message != "") == (field, True)


def test_secrets_stand_apart_and_stay_when_left_blank():
    plain, secrets = checked_settings(ChannelKind.EMAIL, MAIL | {"username": "ducha", "password": "geheim"}, kept={})
    assert secrets == {"password": "geheim"}
    assert "geheim" not in str(plain)
    again = checked_settings(ChannelKind.EMAIL, MAIL | {"username": "ducha"}, kept=secrets)
    assert again[1] == {"password": "geheim"}


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (ChannelKind.EMAIL, MAIL, "smtp.example.cn:465"),
        (ChannelKind.SMS, SMS, "sms.example.cn"),
        (ChannelKind.DINGTALK, HOOK, "robot.example.cn …1234"),
    ],
)
def test_hint_tells_channels_apart_without_their_secret(kind, given, expected):
    assert hint_of(kind, *checked_settings(kind, given, kept={})) == expected
