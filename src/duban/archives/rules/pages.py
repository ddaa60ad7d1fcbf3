"""The pages of an archive: plain HTML that a browser opens from the disk, without scripts, without a network. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1100px; padding: 24px 16px 64px; color: #1f2328; background: #fff;
  font: 15px/1.7 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { margin: 0 0 4px; padding-top: 12px; border-top: 3px solid #b3261e; font-size: 24px; line-height: 1.4; }
h2 { margin: 32px 0 8px; font-size: 18px; }
p { margin: 6px 0; }
a { color: #0b57b7; }
small, .grey { color: #5b6470; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 6px 8px; border-bottom: 1px solid #d8dde3; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f3f5f7; font-weight: 600; white-space: nowrap; }
td { min-width: 7em; }
td.short { min-width: 0; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 12px 0; }
dt { color: #5b6470; }
dd { margin: 0; }
.text { margin: 12px 0; padding: 12px 16px; background: #f7f8fa; border-left: 3px solid #c7cdd4;
  white-space: pre-wrap; }
.warn { padding: 8px 12px; border: 1px solid #c9a227; background: #fff8e1; }
code { font-size: 13px; overflow-wrap: anywhere; }
@media (max-width: 700px) { dl { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
@media print { body { max-width: none; padding: 0; font-size: 12px; } a { color: inherit; text-decoration: none; }
  h1 { border: 0; } tr { break-inside: avoid; } nav { display: none; } }
"""


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a file of the archive. path: from the page that holds it · saved_as: the file's own name."""

    words: str
    path: str
    saved_as: str = ""


Cell = str | Link | Sequence[Link]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page. rows: one by one; a part without rows is left out · short: columns that are not broken."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    short: frozenset[int] = field(default_factory=frozenset)


def page(
    title: str,
    *,
    lead: str = "",
    facts: Sequence[tuple[str, str]] = (),
    text: str = "",
    warn: str = "",
    blocks: Iterable[Block] = (),
    up: str = "",
    back: Sequence[Link] = (),
    notes: Sequence[str] = (),
) -> Iterator[str]:
    """Yield a page in pieces. up: the way to the top folder, “../” or empty · back: where it hangs."""
    yield (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>\n'
    )
    if back:
        yield f"<nav>{' · '.join(link(one) for one in back)}</nav>\n"
    yield f"<h1>{escape(title)}</h1>\n"
    if lead:
        yield f'<p class="grey">{escape(lead)}</p>\n'
    if warn:
        yield f'<p class="warn">{escape(warn)}</p>\n'
    if text:
        yield f'<div class="text">{escape(text)}</div>\n'
    if facts:
        listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
        yield f"<dl>{listed}</dl>\n"
    for block in blocks:
        yield from _block(block)
    for note in notes:
        yield f'<p class="grey">{escape(note)}</p>\n'
    yield "</body>\n</html>\n"


def _block(block: Block) -> Iterator[str]:
    is_begun = False
    for row in block.rows:
        if not is_begun:
            heads = "".join(f"<th>{escape(one)}</th>" for one in block.headings)
            title = f"<h2>{escape(block.title)}</h2>\n" if block.title else ""
            yield f"{title}<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
            is_begun = True
        cells = "".join(
            f"<td{' class=' + chr(34) + 'short' + chr(34) if place in block.short else ''}>{_cell(one)}</td>"
            for place, one in enumerate(row)
        )
        yield f"<tr>{cells}</tr>\n"
    if is_begun:
        yield "</tbody>\n</table>\n"


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return escape(value).replace("\n", "<br>")
    return link(value) if isinstance(value, Link) else "　".join(link(one) for one in value)


def link(one: Link) -> str:
    """Return a link of the archive: to a file of it, never to anywhere else."""
    saved = f' download="{escape(one.saved_as)}"' if one.saved_as else ""
    return f'<a href="{escape(one.path)}"{saved}>{escape(one.words)}</a>'
