"""Older text files (.doc, .wps, .rtf): LibreOffice, where this machine has it, makes a .docx of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from duban.reading import word
from duban.reading.assembly import Shaped
from duban.reading.errors import NotReadable

MAX_SECONDS = 45

_SAVE_AS = "请用 Word 或 WPS 打开，另存为 .docx 后再读。"


def read(data: bytes) -> Shaped:
    """This function will read a .doc, .wps or .rtf; raises NotReadable, also where there is no LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise NotReadable(
            f"这是旧版 Word/WPS 或 RTF 文件，本机没有安装 LibreOffice，不能直接读。{_SAVE_AS}", "unsupported_format"
        )
    return word.read(_converted(data, program))


def _converted(data: bytes, program: str) -> bytes:
    """The file as .docx. The program runs with a profile of its own, which goes with the folder."""
    with tempfile.TemporaryDirectory(prefix="duban-reading-") as name:
        folder = Path(name)
        source = folder / "notice.doc"  # LibreOffice looks into the file as well; the name only has to be some name
        source.write_bytes(data)
        running = subprocess.Popen(
            [
                program,
                *("--headless", "--norestore", "--nolockcheck", "--nodefault"),
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder), str(source)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": name, "TMPDIR": name},
            start_new_session=True,
        )
        try:
            running.wait(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired as problem:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            raise NotReadable(f"这个旧版文件太大或太复杂，没有读完。{_SAVE_AS}", "too_large") from problem
        made = folder / "notice.docx"
        if not made.is_file():
            raise NotReadable(f"这个旧版文件打不开，可能已损坏或设了密码。{_SAVE_AS}", "truncated")
        return made.read_bytes()
