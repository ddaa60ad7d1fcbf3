"""Draw an example of every kind of document into docs/images/gallery and list them in docs/gallery.md.

Run from the repository: PYTHONPATH=src:. python tools/gallery.py
"""

import io
from pathlib import Path

import pypdfium2
from PIL import Image
from tests.documents import examples

from duban.documents.pdf import to_pdf

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "images" / "gallery"
DPI = 100
LARGEST = 120 * 1024

SHOWN: dict[str, tuple[str, str, tuple[int, ...]]] = {
    # name of the example: (what it is called, a word about it, pages shown)
    "letter-remind": ("提醒函", "信函格式：红色双线，编号居右，首页不显示页码；两项以上用“一、”编号。", (1,)),
    "letter-urge": ("催办函", "超过5项的排成表，附注、抄送在末页。", (1, 2)),
    "letter-supervise": ("督办函", "只有一项的不编号；加急写在左上。", (1,)),
    "letter-invite": ("商请函", "发给垂直管理单位等，措辞用“商请”。", (1,)),
    "assignment-notice": ("交办通知", "文件式，标题排成梯形或菱形，主送按次序；责任分解表作附件。", (1, 3, 4)),
    "duty-table": ("责任分解表", "横排，责任栏相同的纵向合并，表头每页重复；128项一次排完。", (1, 2)),
    "interview-notice": ("约谈通知书", "时间、地点、约谈人、事由、有关准备。", (1,)),
    "interview-minutes": ("约谈会议纪要", "纪要格式：事由、说明、要求、承诺，出席、记录。", (1, 2)),
    "review-decision": ("复核决定书", "申请理由、请求、认定、决定、回避情况。", (1, 2)),
    "bulletin": (
        "《政务督查》",
        "总体情况、图、表扬、滞后事项及原因、报送情况、附表。",
        (1, 2, 3, 5),
    ),
    "bulletin-special": ("《政务督查》专刊", "专题一期。", (1,)),
    "half-year-table": ("半年完成情况汇总表", "单位所报原文，未报的照实写。", (1,)),
    "closure-list": ("销号清单", "完成情况、核验方式、核验人，重新办理的保留首次销号日期。", (1,)),
    "visit-table": ("察访核验表", "带到现场逐条填写，由两人签名。", (1,)),
    "evaluation-table": ("考评数据表", "各单位一行、状态清单、计分办法、逐条事实；不排名次。", (1, 2)),
    "matter-file": ("事项档案", "一件事项的基本情况、全部经过、佐证材料。", (1,)),
    "unit-list": ("单位责任清单", "一个单位牵头、协办的全部事项。", (1,)),
    "leader-brief": ("领导专报", "一页纸，放不下的写“另有×项”。", (1,)),
    "report-passage": ("落实情况初稿", "写报告用，每个数字注明由哪些事项相加得来。", (1,)),
}


def main() -> None:
    """Draw every picture anew and write the page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    lines = [
        "# 公文样张",
        "",
        "以虚构的临江区为例，人名、电话、数字都不是真的。由 `tools/gallery.py` 从 `tests/documents/examples.py` 的数据"
        "现排，100 dpi；字体为随系统附带的字体，装有方正小标宋、仿宋_GB2312 的机器可放进字体目录使用。",
        "",
    ]
    papers = examples.every_kind()
    for name, (called, about, pages) in SHOWN.items():
        document = pypdfium2.PdfDocument(to_pdf(papers[name]))
        lines += [f"## {called}", "", f"{about}共 {len(document)} 页。" if len(document) > 1 else about, ""]
        for page in pages:
            file = PICTURES / f"{name}-{page}.png"
            file.write_bytes(picture(document[page - 1]))
            lines.append(f"![{called}第{page}页](images/gallery/{file.name})")
        lines.append("")
    (ROOT / "docs" / "gallery.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def picture(page: pypdfium2.PdfPage) -> bytes:
    """Return a page as a small PNG: as few colours as its size asks for."""
    image = page.render(scale=DPI / 72).to_pil().convert("RGB")
    for colours in (64, 32, 16):
        stream = io.BytesIO()
        image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            stream, "PNG", optimize=True
        )
        if stream.tell() <= LARGEST:
            return stream.getvalue()
    raise SystemExit("a page does not fit 120 KB")


if __name__ == "__main__":
    main()
