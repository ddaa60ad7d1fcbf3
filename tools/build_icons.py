"""Build the icon sprite from Tabler's outline icons. Run by hand when names.txt changes; the sprite is committed.

python tools/build_icons.py FOLDER_OF_SVGS     (icons/outline of the npm package @tabler/icons)
"""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "src/duban/web/static/vendor/icons"
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.S)
_EMPTY_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')
_BETWEEN = re.compile(r">\s+<")


def symbol(name: str, *, source: Path) -> str:
    """Return one icon as a <symbol> of its name."""
    found = _BODY.search((source / f"{name}.svg").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{name}.svg is no SVG")
    body = _BETWEEN.sub("><", _EMPTY_BOX.sub("", found[1])).strip()
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        f' stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
    )


def main(source: Path) -> None:
    """Sort names.txt, drop doubles, and write sprite.svg beside it."""
    path = FOLDER / "names.txt"
    names = sorted(set(path.read_text(encoding="utf-8").split()))
    path.write_text("\n".join(names) + "\n", encoding="utf-8")
    symbols = "\n".join(symbol(name, source=source) for name in names)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (FOLDER / "sprite.svg").write_text(sprite, encoding="utf-8")
    print(f"{len(names)} icons, {len(sprite)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
