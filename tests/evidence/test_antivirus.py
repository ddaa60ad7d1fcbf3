"""Files are looked at by a real clamd before they are kept."""

import socket
import threading
from io import BytesIO

import pytest

from duban.audit.models import Event
from duban.core.antivirus import ScannerUnavailable, scan
from duban.core.errors import Invalid, WrongState
from duban.evidence.models import Evidence
from tests.evidence.builders import add, file, lying
from tests.evidence.clamd import KNOWN, MARKED, STREAM_MB, clamd  # noqa: F401  (the fixture)
from tests.evidence.files import picture, word


@pytest.fixture(params=["local", "tcp"])
def address(request, clamd):  # noqa: F811
    return getattr(clamd, request.param)


@pytest.mark.engine_free
@pytest.mark.parametrize(
    ("data", "virus"),
    [
        (b"nothing in it", ""),
        (KNOWN, "Linjiang.Known.UNOFFICIAL"),
        (MARKED, "Linjiang.Marked.UNOFFICIAL"),
        (b"x" * 900_000 + MARKED, "Linjiang.Marked.UNOFFICIAL"),
    ],
)
def test_scanner_says_what_it_finds(address, data, virus):
    content = BytesIO(data)
    content.read(3)
    verdict = scan(content, address=address)
    assert verdict.virus == virus
    assert verdict.scanner.startswith("ClamAV ")
    assert content.tell() == 0


@pytest.mark.engine_free
def test_file_longer_than_the_scanner_takes_is_not_called_clean(address):
    with pytest.raises(ScannerUnavailable):
        scan(BytesIO(bytes(STREAM_MB * 5 * 1024 * 1024)), address=address)


@pytest.mark.engine_free
@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "unix:/nonexistent/ctl", "nonsense", ":", "host:port", "unix:" + "x" * 200]
)
def test_scanner_that_is_not_there_is_said(address):
    with pytest.raises(ScannerUnavailable):
        scan(BytesIO(b"x"), address=address)


@pytest.mark.engine_free
@pytest.mark.parametrize("answer", [b"", b"OK\0", b"stream: OK", b"stream: broken ERROR\0", b"\xff\xff\0", b"x" * 9000])
def test_answer_of_something_else_is_not_a_clean_one(answer):
    """Whoever listens there: only the whole “stream: OK” counts as clean."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.settimeout(5)
                    asked = connection.recv(1 << 16)
                    connection.sendall(b"Some 1.0\0" if asked == b"zVERSION\0" else answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(ScannerUnavailable):
            scan(BytesIO(b"x"), address=f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()


@pytest.mark.django_db
def test_clean_files_are_kept_with_the_scanners_name(world, address, settings):
    settings.CLAMD = address
    rows = add(world, world.started(), file("情况.txt", b"done"), file("图.png", picture()), file("报告.docx", word()))
    assert {one.scan for one in rows} == {"clean"}
    assert all(one.scanner.startswith("ClamAV ") for one in rows)
    assert Event.objects.filter(name="evidence.added").first().data["scan"] == "clean"


@pytest.mark.django_db
@pytest.mark.parametrize("data", [KNOWN, MARKED])
def test_file_with_a_virus_is_refused_and_leaves_nothing(world, folder, address, settings, data):
    settings.CLAMD = address
    with pytest.raises(Invalid) as refusal:
        add(world, world.started(), file("好.txt", b"done"), file("情况.txt", data))
    assert refusal.value.message.startswith("“情况.txt”里查出病毒（Linjiang.")
    assert (Evidence.objects.count(), lying(folder)) == (0, [])


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["127.0.0.1:1", "unix:/nonexistent/ctl"])
def test_scanner_that_does_not_answer_refuses_unless_told_otherwise(world, folder, settings, address):
    settings.CLAMD = address
    matter = world.started()
    with pytest.raises(WrongState) as refusal:
        add(world, matter)
    assert refusal.value.message == ("查毒程序没有应答，文件没有保存。请稍后再传；一直如此，请告知系统管理员。")
    assert (Evidence.objects.count(), lying(folder)) == (0, [])
    settings.CLAMD_OPTIONAL = True
    (row,) = add(world, matter)
    assert (row.scan, row.scanner) == ("unreachable", "")
