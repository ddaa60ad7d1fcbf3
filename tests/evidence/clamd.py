"""A real clamd with two signatures of our own, started and ended by the test; it asks nobody on the network."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

KNOWN = b"Linjiang test file, known by its digest.\n"
MARKED = b"plain words, then linjiang-marked-body, then more\n"
_PLACES = ("/usr/sbin/clamd", "/usr/local/sbin/clamd")
STREAM_MB = 1


@dataclass
class Scanner:
    """Where it listens."""

    local: str
    tcp: str


def _program() -> str:
    found = shutil.which("clamd") or next((one for one in _PLACES if Path(one).exists()), None)
    if found is None:
        pytest.fail("no clamd on this machine: install Debian's clamav-daemon (make setup does)")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def clamd():
    """A clamd on a local socket and a TCP port, for the whole run."""
    program = _program()
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:
        folder = Path(name)
        signatures = folder / "db"
        signatures.mkdir()
        digest = hashlib.sha256(KNOWN).hexdigest()
        (signatures / "own.hsb").write_text(f"{digest}:{len(KNOWN)}:Linjiang.Known:73\n")
        (signatures / "own.ndb").write_text(f"Linjiang.Marked:0:*:{b'linjiang-marked-body'.hex()}\n")
        port, local = _free_port(), folder / "ctl"
        settings = {
            "Foreground": "yes",
            "DatabaseDirectory": signatures,
            "LocalSocket": local,
            "TCPSocket": port,
            "TCPAddr": "127.0.0.1",
            "StreamMaxLength": f"{STREAM_MB}M",
            "LogFile": folder / "log",
            "TemporaryDirectory": folder,
        }
        if os.getuid() == 0:
            settings["User"] = "root"
        (folder / "conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        process = subprocess.Popen(
            [program, "--config-file", str(folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(process, local=local, log=folder / "log")
            yield Scanner(local=f"unix:{local}", tcp=f"127.0.0.1:{port}")
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen, *, local: Path, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(local))
            except OSError:
                time.sleep(0.05)
            else:
                return
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else "nothing"
    pytest.fail(f"clamd did not start; it said: {said[-2000:]}")
