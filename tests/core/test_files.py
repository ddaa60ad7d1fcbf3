import stat
from io import BytesIO

import pytest

from duban.core.errors import NotFound
from duban.core.files import keep_bytes, opened, path_of, staged

pytestmark = pytest.mark.engine_free


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def lying(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_bytes_are_kept_once_under_their_digest(folder):
    digest = keep_bytes(b"one")
    assert keep_bytes(b"one") == digest
    assert lying(folder) == [f"{digest[:2]}/{digest}"]
    assert stat.S_IMODE(path_of(digest).stat().st_mode) == 0o600
    with opened(digest) as content:
        assert content.read() == b"one"


def test_what_is_not_kept_leaves_nothing(folder):
    with staged(BytesIO(b"one")) as file:
        assert file.size_bytes == 3
    with pytest.raises(RuntimeError), staged(BytesIO(b"two")):
        raise RuntimeError
    assert lying(folder) == []


def test_damaged_or_lost_file_is_noticed_and_healed_by_the_same_bytes():
    digest = keep_bytes(b"one")
    path_of(digest).write_bytes(b"two")
    with pytest.raises(NotFound):
        opened(digest)
    keep_bytes(b"one")
    with opened(digest) as content:
        assert content.read() == b"one"
    path_of(digest).unlink()
    with pytest.raises(NotFound):
        opened(digest)
