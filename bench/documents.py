"""How fast official documents are drawn: `python -m bench.documents`.

A letter, the 128-row table of a notice, a bulletin with three charts, a hundred letters in one file and what memory
they take, the same papers as .docx; beside LibreOffice and WeasyPrint where they are installed. Exits 1 on a broken
bound.
"""

import importlib
import importlib.util
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.apart import Figures, run_apart, tell
from duban.documents.docx_file import to_docx
from duban.documents.paper import (
    Align,
    Colophon,
    Column,
    Figure,
    Form,
    Head,
    Heading,
    Paper,
    Row,
    Signature,
    Table,
    text,
)
from duban.documents.pdf import to_pdf, to_pdf_batch
from duban.reading import read_notice

SAMPLE = Path(__file__).resolve().parents[1] / "examples" / "quangang-2020-2.txt"
OFFICE = "临江区人民政府办公室"
DAY = date(2020, 7, 6)
FACTS = (
    "经核实，该事项6月20日应完成序时进度50%，实际完成28.6%，落后21.4个百分点，已亮红灯；催办函（临江政督催〔2020〕3号）"
    "要求6月29日前书面说明原因和新的完成时间，至今未答复。请抓紧推进征迁、用地审批等前置工作，明确责任人和完成时限。"
)
LETTERS = 100


def run() -> Figures:
    """Return the measurements of a process of its own."""
    return run_apart("documents")


def measure() -> Figures:
    """Return the measurements: medians of several drawings, no two alike, fonts and compiler warm as in a server."""
    letter, table, bulletin = a_letter(0), duty_table(), a_bulletin()
    figures = [_figure("一份函的 PDF，新进程里的第一份", _timed(lambda: to_pdf(letter)), "s", 1.0)]
    few, *batches = [_letters(first, LETTERS if first else LETTERS // 10) for first in range(0, 7 * LETTERS, LETTERS)]
    to_pdf_batch(few)
    with_few_mb = _peak_mb()
    batches_s = [_timed(lambda: to_pdf_batch(batches[0]))]
    with_many_mb = _peak_mb()
    batches_s += [_timed(lambda batch=batch: to_pdf_batch(batch)) for batch in batches[1:]]
    with_all_mb = _peak_mb()
    letter_s = _seconds(_letters(1000, 9))
    figures += [
        _figure("一份函的 PDF", letter_s, "s", 0.3),
        _figure("128 行责任分解表的 PDF", _seconds(_renamed(table, 5)), "s", 0.5),
        _figure("简报的 PDF，三幅图和 40 行表", _seconds(_renamed(bulletin, 5)), "s", 0.8),
        _figure(f"{LETTERS} 份函并成一个 PDF", statistics.median(batches_s), "s", 5.0),
        _figure(f"{LETTERS} 份函比 {len(few)} 份多占内存", with_many_mb - with_few_mb, "MB", 40.0),
        _figure(f"{LETTERS} 份函并成一个 PDF 的大小", len(to_pdf_batch(batches[0])) / 1e6, "MB", 1.0),
        _figure(f"再并 {len(batches) - 1} 次各 {LETTERS} 份多占内存", with_all_mb - with_many_mb, "MB", 40.0),
    ]
    figures += [
        _figure("一份函的 .docx", _seconds(_letters(2000, 9), to_docx), "s", 0.2),
        _figure("128 行责任分解表的 .docx", _seconds(_renamed(table, 5), to_docx), "s", 0.5),
        _figure("简报的 .docx，三幅图和 40 行表", _seconds(_renamed(bulletin, 5), to_docx), "s", 0.8),
    ]
    return figures + _beside_libreoffice(letter, letter_s) + _beside_weasyprint(letter, letter_s)


def _letters(first: int, count: int) -> list[Paper]:
    return [a_letter(number) for number in range(first, first + count)]


def _seconds(papers: Sequence[Paper], draw: Callable[[Paper], bytes] = to_pdf) -> float:
    return statistics.median(_timed(lambda paper=paper: draw(paper)) for paper in papers)


def _renamed(paper: Paper, count: int) -> list[Paper]:
    """Return the paper so often, its lines moved each time, so that typst does not remember them."""
    return [replace(paper, blocks=(text(f"第{number}次。"), *paper.blocks)) for number in range(count)]


def a_letter(number: int) -> Paper:
    """Return a letter of two pages, each with words of its own."""
    matters = (f"第{number}项：新建第{number}实验小学，新增学位{number * 30}个。{FACTS}" for _ in range(4))
    return Paper(
        form=Form.LETTER,
        title=f"关于第{number}实验小学建设进展情况的督办函",
        head=Head(OFFICE, number=f"临江政督督〔2020〕{number}号", urgency="加急"),
        recipients="区教育局",
        blocks=(text("你单位承办的下列督查事项进展严重滞后："), *map(text, matters)),
        signature=Signature((OFFICE,), DAY),
        note="联系人：方知白，联系电话：0000-00000000",
        colophon=Colophon(("区政府领导",)),
    )


def duty_table() -> Paper:
    """Return the annex table of the sample notice, 128 rows on landscape pages."""
    matters = read_notice(SAMPLE.read_bytes()).matters
    rows = tuple(
        Row(
            (
                one.serial or "",
                one.text,
                *("\n".join(name.name for name in names) for names in (one.lead_units, one.persons)),
                *("\n".join(name.name for name in names) for names in (one.support_units, one.overseers)),
            )
        )
        for one in matters
    )
    if len(rows) != 128:
        raise RuntimeError(f"the sample has {len(rows)} rows")
    columns = (
        Column("序号", 1.2, Align.CENTRE),
        Column("具体目标任务", 9),
        Column("牵头单位", 3.4, Align.CENTRE),
        Column("责任人", 2.2, Align.CENTRE),
        Column("协办单位", 3.8, Align.CENTRE),
        Column("区分管或联系领导", 2.6, Align.CENTRE),
    )
    title = "2020年区政府工作报告主要目标任务责任分解表"
    return Paper(Form.PLAIN, title, (Table(columns, rows, merged=(2, 3, 4, 5)),), is_landscape=True)


def a_bulletin() -> Paper:
    """Return a bulletin with three charts of 25 bars and a table of 40 rows."""
    charts = tuple(
        Figure(_chart(number), 150.0, 100.0, f"图{number}  各单位序时进度", "条形图") for number in (1, 2, 3)
    )
    columns = (Column("序号", 1, Align.CENTRE), Column("目标任务", 6), Column("牵头单位", 3), Column("有关情况", 6))
    rows = tuple(Row((str(one), f"新建第{one}实验小学。", f"第{one}局", FACTS[:40])) for one in range(1, 41))
    return Paper(
        form=Form.BULLETIN,
        title="2020年上半年区政府工作报告主要目标任务完成情况的通报",
        head=Head("政务督查", issue="第3期", issue_total="总第128期", left=OFFICE, right="2020年7月6日"),
        blocks=(Heading(1, "一、总体情况"), text(FACTS * 3), *charts, Heading(1, "二、滞后事项"), Table(columns, rows)),
        colophon=Colophon(sent=(("报", "区委、区政府领导"), ("发", "各镇人民政府、街道办事处")), copies=50),
    )


def _chart(number: int) -> bytes:
    bars = "".join(
        f'<text x="0" y="{place * 12 + 9}" font-size="9">第{place}局</text>'
        f'<rect x="60" y="{place * 12}" width="{(place * 37 + number * 11) % 300}" height="9" fill="#666"/>'
        for place in range(25)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 300">{bars}</svg>'.encode()


def _beside_libreoffice(letter: Paper, ours_s: float) -> Figures:
    """Return our time for a letter as a part of what LibreOffice takes from the same letter as .docx."""
    soffice = shutil.which("soffice")
    if soffice is None:
        print("LibreOffice: not installed", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "letter.docx"
        source.write_bytes(to_docx(letter))
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        theirs_s = statistics.median(
            _timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(3)
        )
        if not source.with_suffix(".pdf").exists():
            raise RuntimeError("LibreOffice wrote no PDF")
    return [_figure(f"一份函的 PDF，是 LibreOffice 转同一份 .docx（{theirs_s:.1f} s）的", ours_s / theirs_s, "倍", 1.0)]


def _beside_weasyprint(letter: Paper, ours_s: float) -> Figures:
    """Return our time for a letter as a part of what WeasyPrint takes for its words."""
    if importlib.util.find_spec("weasyprint") is None:
        print("WeasyPrint: not installed", file=sys.stderr)
        return []
    theirs_s = statistics.median(_timed(lambda: _with_weasyprint(letter)) for _ in range(3))
    return [_figure(f"一份函的 PDF，是 WeasyPrint 排同样文字（{theirs_s:.1f} s）的", ours_s / theirs_s, "倍", 1.0)]


def _with_weasyprint(letter: Paper) -> bytes:
    weasyprint = importlib.import_module("weasyprint")
    style = (
        "@page{size:A4;margin:37mm 26mm 35mm 28mm} body{font:16pt/28.99pt 'FandolFang R'} p{text-indent:2em;margin:0}"
    )
    words = "".join(f"<p>{''.join(run.text for run in one.runs)}</p>" for one in letter.blocks if hasattr(one, "runs"))
    return weasyprint.HTML(string=f"<style>{style}</style><h1>{letter.title}</h1>{words}").write_pdf()


def _figure(name: str, value: float, unit: str, bound: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 4), "unit": unit, "bound": bound, "ok": value <= bound}


def _timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    tell(measure, run)
