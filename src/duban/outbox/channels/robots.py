"""群机器人: 企业微信, 钉钉, 飞书, each with its own signature and its own way of saying no.

As the vendors' documents of their custom robots say: 企业微信 has its key in the address; 钉钉 加签 is the HMAC-SHA256
of “timestamp, line break, secret” under the secret, in the address; 飞书 签名校验 that of nothing under “timestamp,
line break, secret”, in the body.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from duban.outbox.channels.wire import exchange
from duban.outbox.rules import ChannelKind, Outcome, Result

_BUSY = {
    ChannelKind.WECOM: {45009},  # over 20 a minute
    ChannelKind.DINGTALK: {130101, 410100, 660026},
    ChannelKind.FEISHU: {9499, 11232, 99991400},
}
"""What each answers when it was asked too often: surely not sent, to be tried later."""


def dingtalk_signature(secret: str, *, timestamp_ms: int) -> str:
    """Return 钉钉's 加签, not yet quoted for an address."""
    text = f"{timestamp_ms}\n{secret}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def feishu_signature(secret: str, *, timestamp_s: int) -> str:
    """Return 飞书's 签名校验: the text is the key, and what is signed is empty."""
    text = f"{timestamp_s}\n{secret}"
    return base64.b64encode(hmac.new(text.encode(), b"", hashlib.sha256).digest()).decode()


def send_to_group(
    kind: ChannelKind,
    text: str,
    *,
    mobiles: Sequence[str],
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    real: datetime,
) -> Outcome:
    """Say one sentence in a group, and call those by name whose number is known (飞书 cannot). Raises SendFailed."""
    url, secret = secrets.get("url", ""), secrets.get("secret", "")
    body: dict[str, Any]
    if kind is ChannelKind.WECOM:
        body = {"msgtype": "text", "text": {"content": text, "mentioned_mobile_list": list(mobiles)}}
    elif kind is ChannelKind.DINGTALK:
        body = {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": list(mobiles), "isAtAll": False}}
        if secret:
            timestamp_ms = int(real.timestamp() * 1000)
            sign = quote_plus(dingtalk_signature(secret, timestamp_ms=timestamp_ms))
            url = f"{url}{'&' if '?' in url else '?'}timestamp={timestamp_ms}&sign={sign}"
    else:
        body = {"msg_type": "text", "content": {"text": text}}
        if secret:
            timestamp_s = int(real.timestamp())
            body |= {"timestamp": str(timestamp_s), "sign": feishu_signature(secret, timestamp_s=timestamp_s)}
    answer = exchange(
        url,
        body=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
        ca=settings["ca"],
    )
    return _judged(kind, answer)


def _judged(kind: ChannelKind, answer: bytes) -> Outcome:
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    code = _code_of(kind, told) if isinstance(told, dict) else None
    if code is None:
        return Outcome(Result.UNKNOWN, "对方的答复看不懂，是否发出不明")
    if code == 0:
        return Outcome(Result.SENT, "已收下")
    said = str(told.get("errmsg") or told.get("msg") or "") if isinstance(told, dict) else ""
    result = Result.RETRY if code in _BUSY[kind] else Result.UNREACHABLE
    return Outcome(result, f"机器人没有收下：{code} {said[:120]}")


def _code_of(kind: ChannelKind, told: dict[str, Any]) -> int | None:
    names = ("code", "StatusCode") if kind is ChannelKind.FEISHU else ("errcode",)
    return next((told[name] for name in names if type(told.get(name)) is int), None)
