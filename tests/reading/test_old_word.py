"""Older files that LibreOffice turns into .docx, and what is said where it is not there."""

import shutil

import pytest

from duban.reading import NotReadable, old_word, read_notice
from tests.reading.support import SAMPLES, differences, expected

pytestmark = pytest.mark.engine_free

SAMPLE = SAMPLES / "formats" / "table_one.doc"
RTF = rb"""{\rtf1\ansi\ansicpg936 \trowd\cellx900\cellx5000\cellx8000
\intbl \u24207?\u21495?\cell \u20219?\u21153?\cell \u36131?\u20219?\u21333?\u20301?\cell\row
\trowd\cellx900\cellx5000\cellx8000 \intbl 1\cell \u30002?\u12290?\cell \u25945?\u32946?\u23616?\cell\row \pard }"""

with_libreoffice = pytest.mark.skipif(
    not (shutil.which("soffice") or shutil.which("libreoffice")), reason="LibreOffice is not on this machine"
)


@with_libreoffice
def test_the_sample_notice_in_the_older_format():
    reading = read_notice(SAMPLE.read_bytes())
    assert differences(expected("quangang-2020-2"), reading.matters) == []
    assert len(reading.matters) == 128


@with_libreoffice
def test_rtf():
    (matter,) = read_notice(RTF).matters
    assert (matter.serial, matter.text, matter.lead_units[0].name) == ("1", "甲。", "教育局")


@pytest.mark.parametrize("data", [SAMPLE.read_bytes(), RTF], ids=["doc", "rtf"])
def test_without_libreoffice_the_user_is_told_what_to_do(data, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotReadable, match=r"没有安装 LibreOffice.*另存为 \.docx") as refused:
        read_notice(data)
    assert refused.value.code == "unsupported_format"


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [("exit 1", "truncated", "打不开"), ("sleep 30 & sleep 30", "too_large", "没有读完")],
    ids=["fails", "hangs"],
)
def test_a_conversion_that_fails_or_hangs_is_refused(script, code, words, tmp_path, monkeypatch):
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(old_word, "MAX_SECONDS", 1)
    with pytest.raises(NotReadable, match=words) as refused:
        read_notice(RTF)
    assert refused.value.code == code
