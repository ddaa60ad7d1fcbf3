"""Servers of the far side, on this machine: HTTP gateways and robots, mail servers, and a few that misbehave."""

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

HERE = Path(__file__).parent
CERTIFICATE = (HERE / "server.pem").read_text()
"""Of localhost and 127.0.0.1, signed by itself; it guards nothing."""


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "server.pem", HERE / "server.key")
    return context


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """Keeps what it is asked and answers as `answer(asked)` says: (status, body[, headers]), or its own doing."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: object = None


@contextlib.contextmanager
def gateway(answer, *, tls: bool = False):
    told = Gateway(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def _any(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, parse_qs(parts.query), dict(self.headers), body)
            told.asked.append(asked)
            given = told.answer(asked)
            if callable(given):
                given(self.connection)
                self.close_connection = True
                return
            status, content, *more = given
            self.send_response(status)
            for name, value in dict(*more).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _any

        def log_message(self, *args):
            """Say nothing."""

        def handle(self):
            with contextlib.suppress(OSError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if tls:
        server.socket = server_context().wrap_socket(server.socket, server_side=True)
    told.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


def says_nothing(seconds: float = 5):
    """Return an answer that never comes."""
    return lambda connection: time.sleep(seconds)


def drips(seconds: float = 5):
    """Return an answer that comes a byte at a time, and never to an end."""

    def drip(connection):
        until = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while time.monotonic() < until:
                connection.sendall(b"x")
                time.sleep(0.05)

    return drip


def hangs_up():
    """Return an answer that is a closed line."""
    return lambda connection: connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Mailbox:
    """What a mail server took: (sender, recipients, content) each; and how it answers."""

    port: int = 0
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    rcpt: str = "250 OK"
    data: str = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        if self.data.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return self.data


@contextlib.contextmanager
def mail_server(*, password: str = "", tls: str = "none", port: int = 0, mailbox: Mailbox | None = None):
    """tls: none, starttls, tls. password: asked for when given; the user is “ducha”."""
    mailbox = mailbox or Mailbox()

    def authenticate(server, session, envelope, mechanism, data):
        login, given = data.login.decode(), data.password.decode()
        mailbox.logins.append(login)
        return AuthResult(success=(login, given) == ("ducha", password), handled=False)

    options = {}
    if password:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls == "starttls"}
    if tls == "starttls":
        options |= {"tls_context": server_context(), "require_starttls": True}
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port or free_port(),
        ssl_context=server_context() if tls == "tls" else None,
        **options,
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def scripted(*lines: bytes | float):
    """A mail server that says its lines whatever it hears; a number is a pause in seconds, at the end it hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                for line in lines:
                    if isinstance(line, bytes):
                        connection.sendall(line)
                        connection.settimeout(0.2)
                        with contextlib.suppress(TimeoutError):
                            while connection.recv(65536):
                                connection.settimeout(0.05)
                    else:
                        time.sleep(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()
