"""The antivirus hook: a file is sent to a clamd over its INSTREAM command, by TCP or a local socket."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 1 << 16
_CONNECT_S = 5
_ANSWER_S = 60
_LONGEST_ANSWER = 4096


class ScannerUnavailable(Exception):
    """The scanner could not be reached, or would not look at the file. The message says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner said. scanner: its name and the state of its signatures.   virus: what it found, or empty."""

    scanner: str
    virus: str


def scan(content: BinaryIO, *, address: str) -> Verdict:
    """Return what a clamd says of a file, read from its start and left there.

    address: “unix:/run/clamav/clamd.ctl” or “host:port”. Raises ScannerUnavailable.
    """
    try:
        version = _asked(address, b"zVERSION\0")
        answer = _asked(address, b"zINSTREAM\0", content=content)
    except OSError as error:
        raise ScannerUnavailable(f"{address}: {error}") from error
    finally:
        content.seek(0)
    if answer == "stream: OK":
        return Verdict(version, "")
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict(version, answer.removeprefix("stream: ").removesuffix(" FOUND"))
    raise ScannerUnavailable(f"{address}: {answer}")


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            local.settimeout(_CONNECT_S)
            local.connect(address.removeprefix("unix:"))
        except OSError:
            local.close()
            raise
        return local
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise OSError("the address should be unix:/path or host:port")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S)


def _asked(address: str, command: bytes, *, content: BinaryIO | None = None) -> str:
    with _connected(address) as connection:
        connection.settimeout(_ANSWER_S)
        with suppress(BrokenPipeError, ConnectionResetError):  # too long for it: it stops listening and says so
            connection.sendall(command)
            if content is not None:
                content.seek(0)
                while chunk := content.read(_CHUNK):
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
        return _answer(connection)


def _answer(connection: socket.socket) -> str:
    """Return one whole answer, which ends in a NUL; half of one says nothing."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        some = connection.recv(_LONGEST_ANSWER)
        if not some:
            break
        answer += some
    whole, end, _ = answer.partition(b"\0")
    if not end:
        raise OSError(f"no whole answer: {whole[:80]!r}")
    return whole.decode("utf-8", "replace").strip()
