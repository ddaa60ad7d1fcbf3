"""短信: any gateway that takes an HTTP request, described by a template and, where it wants one, a signature."""

import hashlib
import hmac
import json
import secrets as random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from duban.outbox.channels.wire import exchange
from duban.outbox.rules import Outcome, Result, SendFailed, filled, filled_json


def send_sms(
    phone: str,
    *,
    text: str,
    count: int,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    real: datetime,
) -> Outcome:
    """Send one short message. Raises SendFailed."""
    if not phone:
        raise SendFailed(Outcome(Result.REFUSED, "收件人没有手机号"))
    values = {
        "phone": phone,
        "text": text,
        "count": str(count),
        "signature": settings["signature"],
        "template": settings["template"],
        "timestamp": str(int(real.timestamp())),
        "nonce": random.token_hex(8),
        "secret": secrets.get("secret", ""),
    }
    values["sign"] = _signature(settings, values)
    url, method, body, kind = settings["url"], "POST", b"", ""
    if settings["format"] == "json":
        kind = "application/json; charset=utf-8"
        body = json.dumps(filled_json(json.loads(settings["body"]), values), ensure_ascii=False).encode()
    else:
        pairs = [line.partition("=") for line in settings["body"].splitlines() if line.strip()]
        query = urlencode([(name.strip(), filled(value.strip(), values)) for name, _, value in pairs])
        if settings["format"] == "form":
            kind, body = "application/x-www-form-urlencoded", query.encode()
        else:
            url, method = f"{url}{'&' if '?' in url else '?'}{query}", "GET"
    headers = {"Content-Type": kind} if kind else {}
    for line in settings["headers"].splitlines():
        name, _, value = line.partition(":")
        if name.strip():
            headers[name.strip()] = filled(value.strip(), values)
    return _judged(
        exchange(url, method=method, body=body, headers=headers, ca=settings["ca"]),
        name=settings["success_field"],
        value=settings["success_value"],
    )


def _signature(settings: Mapping[str, str], values: Mapping[str, str]) -> str:
    text = filled(settings["sign_text"], values).encode()
    if settings["sign_method"] == "hmac-sha256":
        return hmac.new(values["secret"].encode(), text, hashlib.sha256).hexdigest()
    if settings["sign_method"] == "sha256":
        return hashlib.sha256(text).hexdigest()
    if settings["sign_method"] == "md5":
        return hashlib.md5(text, usedforsecurity=False).hexdigest()  # some gateways know nothing better
    return ""


def _judged(answer: bytes, *, name: str, value: str) -> Outcome:
    try:
        found: Any = json.loads(answer)
        for step in name.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, KeyError, TypeError, IndexError):
        return Outcome(Result.UNKNOWN, f"网关的答复里没有“{name}”，是否发出不明")
    said = str(found).lower() if isinstance(found, bool) else str(found)
    if said == value:
        return Outcome(Result.SENT, "网关已收下")
    return Outcome(Result.RETRY, f"网关没有收下：{name}＝{said[:60]}")
