"""邮件: SMTP, step by step, so that “surely not sent” and “perhaps sent” are never confused."""

import hashlib
import smtplib
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

from duban.outbox.channels.wire import deadline, reason_of, trust
from duban.outbox.rules import CONNECT_S, MAIL_DEADLINE_S, Outcome, Result, SendFailed


def send_mail(
    address: str,
    *,
    title: str,
    text: str,
    key: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    seconds: float = MAIL_DEADLINE_S,
) -> Outcome:
    """Send one e-mail. Raises SendFailed."""
    if not address:
        raise SendFailed(Outcome(Result.REFUSED, "收件人没有邮箱"))
    content = _content(address, title=title, text=text, key=key, settings=settings)
    server = _server(settings)
    try:
        with deadline(lambda: server.sock, seconds=seconds) as is_cut:
            try:
                _connect(server, settings=settings, seconds=seconds)
                _introduce(server, settings=settings, secrets=secrets)
                _envelope(server, sender=settings["sender"], address=address)
            except (OSError, smtplib.SMTPException) as error:
                words = "服务器迟迟没有答复" if is_cut.is_set() or isinstance(error, TimeoutError) else reason_of(error)
                raise SendFailed(Outcome(Result.UNREACHABLE, words))
            return _data(server, content)
    finally:
        server.close()


def _content(address: str, *, title: str, text: str, key: str, settings: Mapping[str, str]) -> bytes:
    local, _, domain = settings["sender"].partition("@")
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = " ".join(title.split())
    mail["From"] = Address(settings["sender_name"], local, domain)
    mail["To"] = address
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers
    mail.set_content(text, cte="base64")  # for servers that take seven bits; and no line begins with a dot
    return mail.as_bytes()


def _server(settings: Mapping[str, str]) -> smtplib.SMTP:
    """Return a server not yet connected to: the deadline must begin before its first word."""
    name = settings["sender"].partition("@")[2]
    if settings["security"] == "tls":
        context = trust(settings["ca"])
        server: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=CONNECT_S, context=context)
    else:
        server = smtplib.SMTP(local_hostname=name, timeout=CONNECT_S)
    server._host = settings["host"]  # type: ignore[attr-defined]  # whose certificate is asked for
    return server


def _connect(server: smtplib.SMTP, *, settings: Mapping[str, str], seconds: float) -> None:
    server.connect(settings["host"], int(settings["port"]))
    server.sock.settimeout(seconds)  # type: ignore[union-attr]
    if settings["security"] != "starttls":
        return
    server.ehlo_or_helo_if_needed()
    try:
        server.starttls(context=trust(settings["ca"]))
    except smtplib.SMTPNotSupportedError:
        raise SendFailed(Outcome(Result.UNREACHABLE, "服务器不支持 STARTTLS，没有发送"))


def _introduce(server: smtplib.SMTP, *, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    server.ehlo_or_helo_if_needed()
    if not settings["username"]:
        return
    try:
        server.login(settings["username"], secrets.get("password", ""))
    except smtplib.SMTPAuthenticationError:
        raise SendFailed(Outcome(Result.UNREACHABLE, "服务器不认用户名或密码"))
    except smtplib.SMTPNotSupportedError:
        raise SendFailed(Outcome(Result.UNREACHABLE, "服务器不提供登录，请检查加密方式"))


def _envelope(server: smtplib.SMTP, *, sender: str, address: str) -> None:
    code, answer = server.mail(sender)
    if code != 250:
        raise SendFailed(Outcome(Result.UNREACHABLE, f"服务器不接受发件邮箱：{_said(code, answer)}"))
    code, answer = server.rcpt(address)
    if code not in (250, 251):
        raise SendFailed(_refusal(code, f"服务器不接受收件人：{_said(code, answer)}"))
    code, answer = server.docmd("DATA")
    if code != 354:
        raise SendFailed(_refusal(code, f"服务器不接受邮件：{_said(code, answer)}"))


def _data(server: smtplib.SMTP, content: bytes) -> Outcome:
    """Hand the letter over. From the first byte on only the server's last word says whether it was taken."""
    try:
        server.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, answer = server.getreply()
    except (OSError, smtplib.SMTPException):
        return Outcome(Result.UNKNOWN, "邮件已交出，服务器没有答复，是否送达不明")
    if code != 250:
        return _refusal(code, f"服务器没有收下：{_said(code, answer)}")
    try:
        server.sock.settimeout(2)  # type: ignore[union-attr]
        server.quit()
    except (TimeoutError, OSError, smtplib.SMTPException):
        return Outcome(Result.SENT, "已收下（服务器没有告别）")
    return Outcome(Result.SENT, "已收下")


def _refusal(code: int, words: str) -> Outcome:
    return Outcome(Result.RETRY if 400 <= code < 500 else Result.REFUSED, words)


def _said(code: int, answer: bytes) -> str:
    return f"{code} {answer.decode('utf-8', 'replace')[:120]}"
