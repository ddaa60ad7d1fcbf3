"""Words of the outbox, what a channel must be told, what its answers mean, and what may be said outside the system."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from duban.core.errors import Invalid


class MessageKind(StrEnum):
    """What a message is about."""

    REMINDER = "reminder"
    LETTER = "letter"
    BULLETIN = "bulletin"
    INTERVIEW = "interview"
    VISIT = "visit"
    OBJECTION = "objection"
    EVALUATION = "evaluation"
    ARCHIVE = "archive"
    OPERATIONS = "operations"


MESSAGE_KIND_LABELS: dict[MessageKind, str] = {
    MessageKind.REMINDER: "提醒",
    MessageKind.LETTER: "函件",
    MessageKind.BULLETIN: "通报",
    MessageKind.INTERVIEW: "约谈",
    MessageKind.VISIT: "核验",
    MessageKind.OBJECTION: "复核",
    MessageKind.EVALUATION: "考评",
    MessageKind.ARCHIVE: "归档",
    MessageKind.OPERATIONS: "运行",
}


class ChannelKind(StrEnum):
    """The ways out of the system. In the system a message is there at once, and needs no channel."""

    EMAIL = "email"
    SMS = "sms"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


CHANNEL_LABELS: dict[ChannelKind, str] = {
    ChannelKind.EMAIL: "邮件",
    ChannelKind.SMS: "短信网关",
    ChannelKind.WECOM: "企业微信群机器人",
    ChannelKind.DINGTALK: "钉钉群机器人",
    ChannelKind.FEISHU: "飞书群机器人",
}

ROBOTS = (ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU)
"""Channels that speak to a group: what waits for several people goes out as one message."""


class DeliveryState(StrEnum):
    """Where one sending stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    DROPPED = "dropped"


DELIVERY_STATE_LABELS: dict[DeliveryState, str] = {
    DeliveryState.PENDING: "待发",
    DeliveryState.SENDING: "正在发",
    DeliveryState.SENT: "已发",
    DeliveryState.UNKNOWN: "不明",
    DeliveryState.DEAD: "未发出",
    DeliveryState.DROPPED: "作罢",
}


class Result(StrEnum):
    """What one try came to."""

    SENT = "sent"
    RETRY = "retry"  # surely not sent; the next try may do it
    REFUSED = "refused"  # surely not sent, and never will be: this recipient, this content
    UNREACHABLE = "unreachable"  # surely not sent; the channel itself is at fault, whoever the recipient
    UNKNOWN = "unknown"  # may have been sent: never tried again of itself


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to, in words for the operator. They hold no secret and no business."""

    result: Result
    words: str = ""


class SendFailed(Exception):
    """A try that ended early; `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.words)


LEASE = timedelta(minutes=5)
"""How long a sending may be under way; longer than any deadline of a channel."""

DEADLINE_S = 20.0
"""How long one exchange with a channel may take in all, however slowly it answers."""

MAIL_DEADLINE_S = 45.0
"""The same for a mail server, which may look at a letter before it takes it."""

CONNECT_S = 8.0
MAX_ANSWER_BYTES = 65_536
MAX_ATTEMPTS = 5
GROUP_SIZE = 50
"""How many people one group message speaks for at most."""

CLOCK_SLACK = timedelta(minutes=1)

_BACK_OFF = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))
LONGEST_BACK_OFF = _BACK_OFF[-1]
_PAUSE_S = {ChannelKind.WECOM: 3.1, ChannelKind.DINGTALK: 3.1, ChannelKind.FEISHU: 0.7}
ALARM_AFTER = timedelta(minutes=15)
"""A channel that failed for so long is told to the operators."""


def back_off(attempts: int) -> timedelta:
    """Return how long a sending, or a whole channel, rests after so many failures, one at least."""
    return _BACK_OFF[min(attempts, len(_BACK_OFF)) - 1]


def pause_s(kind: ChannelKind) -> float:
    """Return how many seconds must lie between two messages: robots take 20 a minute (飞书 100). 0 for the others."""
    return _PAUSE_S.get(kind, 0.0)


def state_after(result: Result, *, attempts: int) -> DeliveryState:
    """Return where a sending stands after a try. attempts: this one included."""
    if result is Result.RETRY:
        return DeliveryState.DEAD if attempts >= MAX_ATTEMPTS else DeliveryState.PENDING
    return {
        Result.SENT: DeliveryState.SENT,
        Result.REFUSED: DeliveryState.DEAD,
        Result.UNREACHABLE: DeliveryState.PENDING,
        Result.UNKNOWN: DeliveryState.UNKNOWN,
    }[result]


def outcome_of_status(status: int) -> Outcome | None:
    """Return what an HTTP status alone decides; None for 2xx, where the body decides."""
    words = f"网关答复 HTTP {status}"
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Outcome(Result.UNREACHABLE, f"{words}（要求转到别处，未跟随），请检查地址")
    if status in (401, 403, 404, 405, 407):
        return Outcome(Result.UNREACHABLE, f"{words}，请检查地址和密钥")
    if status in (429, 503):
        return Outcome(Result.RETRY, f"{words}，稍后再试")
    if status < 500:
        return Outcome(Result.REFUSED, words)
    return Outcome(Result.UNKNOWN, f"{words}，是否发出不明")


# ── what may be said outside ──


def terse_text(count: int) -> str:
    """Return the words for one person outside the system: how many, never what (工作秘密)."""
    return f"您有 {count} 项待办，请登录督办系统查看。"


def group_text(counts: list[int]) -> str:
    """Return the words for a group: those for one person, or for how many people how much waits."""
    if len(counts) == 1:
        return terse_text(counts[0])
    return f"{len(counts)} 人共有 {sum(counts)} 项待办，请登录督办系统查看。"


_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d[ \-—－]?\d{4}[ \-—－]?\d{4})(?!\d)")


def mobile_of(phone: str) -> str:
    """Return the first mobile number in a person's telephone field, or nothing: landlines take no SMS."""
    found = _MOBILE.search(phone)
    return re.sub(r"\D", "", found[1]) if found else ""


def masked(address: str) -> str:
    """Return an address as operators see it: 139****0001, w***@example.cn."""
    if "@" in address:
        name, _, host = address.partition("@")
        return f"{name[:1]}***@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) >= 8 else "****" if address else ""


def redacted(words: str, *, secrets: Mapping[str, str]) -> str:
    """Return words without any secret an answer may have repeated, on one line, short."""
    for secret in sorted(secrets.values(), key=len, reverse=True):
        if len(secret) >= 4:
            words = words.replace(secret, "＊＊＊")
    return " ".join(words.split())[:200]


# ── what a channel must be told ──


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a channel. kind: text, lines, number, flag, or choice (then `choices`: value → label).

    is_secret: kept outside the database, never shown again.
    """

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False
    is_secret: bool = False
    longest: int = 200
    default: str = ""


_CA = Field(
    "ca",
    "信任的证书",
    "对方用自签证书时，把它的证书（PEM）贴在这里；不填则按系统信任的机构核验。",
    kind="lines",
    longest=20_000,
)
_HOOK = Field("url", "Webhook 地址", "地址里带有密钥，保存后不再显示。", is_required=True, is_secret=True, longest=500)

FIELDS: dict[ChannelKind, tuple[Field, ...]] = {
    ChannelKind.EMAIL: (
        Field("host", "服务器", "如 smtp.example.gov.cn", is_required=True),
        Field("port", "端口", kind="number", is_required=True, longest=5, default="465"),
        Field(
            "security",
            "加密",
            kind="choice",
            choices={"tls": "TLS（常用 465）", "starttls": "STARTTLS（常用 587）", "none": "不加密（只用于内网）"},
            is_required=True,
            default="tls",
        ),
        Field("username", "用户名", "不需要登录的服务器不填。"),
        Field("password", "密码", "保存后不再显示。", is_secret=True),
        Field("sender", "发件邮箱", is_required=True, longest=100),
        Field("sender_name", "发件人名称", longest=40, default="督查室"),
        Field(
            "with_text",
            "正文写明内容",
            "不勾选时正文只写“您有 N 项待办”。邮件服务器不在政务网内的，不要勾选。",
            kind="flag",
        ),
        _CA,
    ),
    ChannelKind.SMS: (
        Field("url", "网关地址", "密钥不要写在这里，写在“密钥”里，用 {secret} 引用。", is_required=True, longest=500),
        Field(
            "format",
            "请求格式",
            kind="choice",
            choices={"json": "POST JSON", "form": "POST 表单", "query": "GET 查询串"},
            is_required=True,
            default="json",
        ),
        Field(
            "body",
            "请求内容",
            "JSON 写一个对象；表单、查询串每行一个“名称=值”。可用 {phone} {text} {count} {signature} {template} "
            "{timestamp} {nonce} {secret} {sign}。",
            kind="lines",
            is_required=True,
            longest=4000,
            default='{"mobile": "{phone}", "content": "{signature}{text}"}',
        ),
        Field("headers", "请求头", "每行一个“名称: 值”，同样可用上面的占位词。", kind="lines", longest=2000),
        Field("signature", "短信签名", "如 【临江区政府办】，由网关报备。", longest=30),
        Field("template", "模板编号", "网关要求用模板时填，由 {template} 引用。", longest=60),
        Field("secret", "密钥", "保存后不再显示。", is_secret=True, longest=300),
        Field(
            "sign_method",
            "请求签名",
            kind="choice",
            choices={
                "none": "不签名",
                "hmac-sha256": "HMAC-SHA256（以密钥为钥）",
                "sha256": "SHA-256",
                "md5": "MD5（仅当网关只支持它）",
            },
            is_required=True,
            default="none",
        ),
        Field(
            "sign_text", "签名原文", "如 {phone}{timestamp}{secret}；结果为小写十六进制，由 {sign} 引用。", longest=500
        ),
        Field(
            "success_field",
            "成功字段",
            "答复 JSON 里表示结果的字段，如 code 或 result.status。",
            is_required=True,
            default="code",
        ),
        Field("success_value", "成功的值", "如 0、200、OK。", is_required=True, longest=40, default="0"),
        _CA,
    ),
    ChannelKind.WECOM: (_HOOK, _CA),
    ChannelKind.DINGTALK: (
        _HOOK,
        Field(
            "secret", "加签密钥", "机器人安全设置选“加签”时给出的 SEC…；保存后不再显示。", is_secret=True, longest=300
        ),
        _CA,
    ),
    ChannelKind.FEISHU: (
        _HOOK,
        Field(
            "secret", "签名校验密钥", "机器人安全设置选“签名校验”时给出；保存后不再显示。", is_secret=True, longest=300
        ),
        _CA,
    ),
}

PLACEHOLDERS = ("phone", "text", "count", "signature", "template", "timestamp", "nonce", "secret", "sign")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}:[^\r\n]*")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its known placeholders filled; what was filled in is not looked at again."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def checked_settings(
    kind: ChannelKind, given: Mapping[str, str], *, kept: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return (settings, secrets) of a channel as they may be kept.

    given: what was typed; a secret left blank stays as it is.   kept: the secrets known already.
    Raises Invalid with the field that is wrong.
    """
    plain: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for one in FIELDS[kind]:
        value = given.get(one.name, "").replace("\r\n", "\n").strip()
        if one.is_secret and not value:
            value = kept.get(one.name, "")
        if one.is_required and not value:
            raise Invalid(f"{one.label}要填写。", field=one.name)
        if len(value) > one.longest:
            raise Invalid(f"{one.label}不能超过 {one.longest} 个字符。", field=one.name)
        if one.kind != "lines" and not value.isprintable():
            raise Invalid(f"{one.label}里有换行或不可见的字符。", field=one.name)
        if one.kind == "choice" and value not in one.choices:
            raise Invalid(f"请选择{one.label}。", field=one.name)
        if one.kind == "flag":
            value = "1" if value == "1" else ""
        (secrets if one.is_secret else plain)[one.name] = value
    _CHECKS.get(kind, _check_hook)(plain, secrets)
    if plain["ca"] and "-----BEGIN CERTIFICATE-----" not in plain["ca"]:
        raise Invalid("信任的证书应为 PEM（以 -----BEGIN CERTIFICATE----- 开头）。", field="ca")
    return plain, {name: value for name, value in secrets.items() if value}


def _check_email(plain: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|\[?[0-9A-Fa-f:]+\]?", plain["host"]):
        raise Invalid("服务器只写主机名或 IP 地址。", field="host")
    if not plain["port"].isascii() or not plain["port"].isdigit() or not 0 < int(plain["port"]) < 65536:
        raise Invalid("端口是 1 至 65535 的整数。", field="port")
    if not _EMAIL.fullmatch(plain["sender"]):
        raise Invalid("发件邮箱应写成 name@example.cn 的样子。", field="sender")
    if plain["username"] and not secrets["password"]:
        raise Invalid("填了用户名，密码也要填。", field="password")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("地址写得不对。", field="url")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Invalid("地址应以 https:// 或 http:// 开头。", field="url")
    if parts.username or parts.password or parts.fragment or not url.isascii() or re.search(r"\s", url):
        raise Invalid("地址里不能有用户名、密码、#、空格或中文。", field="url")


def _check_hook(plain: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    _check_url(secrets["url"])


def _check_sms(plain: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    _check_url(plain["url"])
    for name in ("body", "headers", "sign_text"):
        unknown = [one for one in _PLACEHOLDER.findall(plain[name]) if one not in PLACEHOLDERS]
        if unknown:
            raise Invalid(f"没有占位词 {{{unknown[0]}}}。", field=name)
    if "{sign}" in plain["sign_text"]:
        raise Invalid("签名原文里不能再引用 {sign}。", field="sign_text")
    if "{phone}" not in plain["body"]:
        raise Invalid("请求内容里要有 {phone}。", field="body")
    if plain["format"] == "json":
        try:
            body = json.loads(plain["body"])
        except ValueError:
            raise Invalid("请求内容不是合法的 JSON。", field="body")
        if not isinstance(body, dict):
            raise Invalid("请求内容应是一个 JSON 对象。", field="body")
    elif any("=" not in line for line in plain["body"].splitlines() if line.strip()):
        raise Invalid("请求内容每行写一个“名称=值”。", field="body")
    if any(not _HEADER.fullmatch(line) for line in plain["headers"].splitlines() if line.strip()):
        raise Invalid("请求头每行写一个“名称: 值”。", field="headers")
    if plain["sign_method"] != "none" and not plain["sign_text"]:
        raise Invalid("要签名，就要写签名原文。", field="sign_text")
    uses = "".join(plain[name] for name in ("body", "headers", "sign_text"))
    if ("{secret}" in uses or plain["sign_method"] == "hmac-sha256") and not secrets["secret"]:
        raise Invalid("用到了密钥，密钥要填。", field="secret")


_CHECKS = {ChannelKind.EMAIL: _check_email, ChannelKind.SMS: _check_sms}


def filled_json(value: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON value with the placeholders in its strings filled: nothing filled in can change its shape."""
    if isinstance(value, str):
        return filled(value, values)
    if isinstance(value, dict):
        return {key: filled_json(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_json(one, values) for one in value]
    return value


def hint_of(kind: ChannelKind, plain: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """Return how a channel is told from others without its secrets: host, and the last four of a webhook's key."""
    if kind is ChannelKind.EMAIL:
        return f"{plain['host']}:{plain['port']}"
    if kind is ChannelKind.SMS:
        return urlsplit(plain["url"]).hostname or ""
    return f"{urlsplit(secrets['url']).hostname} …{secrets['url'][-4:]}"
