"""What goes over the network: deadlines, trust, and one HTTP exchange whose every end is told apart."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from duban.outbox.rules import (
    CONNECT_S,
    DEADLINE_S,
    MAX_ANSWER_BYTES,
    Outcome,
    Result,
    SendFailed,
    outcome_of_status,
)


def trust(ca: str) -> ssl.SSLContext:
    """Return the TLS settings: certificates are always verified, against the given one where there is one.

    Raises SendFailed when it cannot be read.
    """
    try:
        return ssl.create_default_context(cadata=ca or None)
    except ssl.SSLError:
        raise SendFailed(Outcome(Result.UNREACHABLE, "“信任的证书”读不出来，请重新粘贴"))


def reason_of(error: Exception) -> str:
    """Return why a connection failed, for the operator."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"对方的证书不被信任（{error.verify_message}）"
    if isinstance(error, ssl.SSLError):
        return "TLS 握手失败，请检查加密方式和端口"
    if isinstance(error, socket.gaierror):
        return "找不到主机，请检查地址和本机的域名解析"
    if isinstance(error, TimeoutError):
        return "连接超时"
    if isinstance(error, ConnectionRefusedError):
        return "对方拒绝连接"
    return f"连接失败（{type(error).__name__}）"


@contextmanager
def deadline(sock_of: Callable[[], socket.socket | None], *, seconds: float) -> Iterator[threading.Event]:
    """Cut a connection off when an exchange lasts too long in all, also when a byte comes now and then.

    Yields an event that is set once it was cut.
    """
    is_cut = threading.Event()

    def cut() -> None:
        is_cut.set()
        sock = sock_of()
        if sock is None:
            return  # not connected yet: that has a time limit of its own
        try:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # the plain one: TLS would wait for the other side
        except OSError:
            return  # it has ended meanwhile

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_cut
    finally:
        timer.cancel()


def exchange(
    url: str,
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: Mapping[str, str],
    ca: str = "",
    seconds: float = DEADLINE_S,
) -> bytes:
    """Make one HTTP exchange and return the body of a 2xx answer, at most MAX_ANSWER_BYTES of it.

    No redirect is followed, no proxy asked. Raises SendFailed: UNREACHABLE while nothing was sent yet, UNKNOWN from
    then on, or what the status says.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_S, context=trust(ca))
    else:
        connection = http.client.HTTPConnection(host, port, timeout=CONNECT_S)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise SendFailed(Outcome(Result.UNREACHABLE, reason_of(error)))
        with deadline(lambda: connection.sock, seconds=seconds) as is_cut:
            connection.sock.settimeout(seconds)
            try:
                path = parts.path or "/"
                connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
                answer = connection.getresponse()
                status, content = answer.status, answer.read(MAX_ANSWER_BYTES)
            except (OSError, http.client.HTTPException) as error:
                why = "迟迟没有答复" if is_cut.is_set() or isinstance(error, TimeoutError) else "答复中断"
                raise SendFailed(Outcome(Result.UNKNOWN, f"已经发出，但对方{why}，是否送达不明"))
            if is_cut.is_set():
                raise SendFailed(Outcome(Result.UNKNOWN, "已经发出，但对方迟迟没有答完，是否送达不明"))
    finally:
        connection.close()
    if (outcome := outcome_of_status(status)) is not None:
        raise SendFailed(outcome)
    return content
