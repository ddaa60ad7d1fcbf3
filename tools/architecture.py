"""Draw docs/architecture.svg from the layers in pyproject.toml: no room without a place, no place without a word.

Run from the repository: python tools/architecture.py
"""

import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "architecture.svg"

WORDS = {
    "cli": "命令行 duban",
    "web": "网页",
    "worker": "后台",
    "api": "接口",
    "archives": "年度办结、归档",
    "replay": "推演",
    "precedents": "往年情况",
    "objections": "复核、回避",
    "evaluation": "绩效考评",
    "interviews": "约谈",
    "visits": "实地考查、察访核验",
    "bulletins": "通报",
    "letters": "三种函",
    "reminders": "提醒、减负账",
    "closing": "据实销号",
    "changes": "变更申请",
    "reports": "报送",
    "intake": "通知入账、立项",
    "progress": "进展、回头看",
    "obstacles": "困难、调度会",
    "instructions": "批示",
    "superiors": "对接上级",
    "papers": "存档公文",
    "evidence": "佐证材料",
    "lights": "三盏灯、定格",
    "matters": "事项、台账、应办",
    "outbox": "消息、发送",
    "jobs": "后台任务",
    "orgs": "单位、岗位、人",
    "calendars": "放假安排",
    "access": "账号、角色、权限",
    "audit": "审计",
    "reading": "读通知",
    "documents": "写公文",
    "core": "时钟、文字、工作日、办理人",
}

_TONES = {"门": "#1f4e7a", "一年": "#14606b", "地基": "#5b3f8c"}
_STEPS = (
    ("actions", "一个动词一个函数：权限、检查、写入、事件"),
    ("queries", "几个门共用的读取"),
    ("models", "表、约束、visible_to"),
    ("rules", "词、算术、判断；纯 Python"),
)
_TOLD = (
    ("一件事的路", 1),
    ("门：看钟、认人，调一个动作", 0),
    ("动作：require → 检查 → 条件更新", 0),
    ("　　 → 一条审计事件，同一事务", 0),
    ("拒绝：五种，各有中文与状态码", 0),
    ("页面：visible_to 之内读，GET 不写", 0),
    ("数据的方向", 1),
    ("通知 → reading → intake（人核对）", 0),
    ("→ matters（台账）→ 报送、销号", 0),
    ("→ lights → letters → bulletins", 0),
    ("→ visits、interviews → evaluation", 0),
    ("→ objections → archives", 0),
)
_WIDTH, _ROOMS, _ASIDE = 1180, 820, 900


def layers() -> list[list[str]]:
    """Return the rooms of each layer, from above, as the import contract has them; layers of one room side by side."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    return [[one.strip() for one in layer.split("|")] for layer in contract["layers"]]


def drawn() -> str:
    """Return the picture. Raises KeyError for a room that has no word here."""
    ground = layers().index(["outbox"])
    year = next(place for place, rooms in enumerate(layers()) if "archives" in rooms)
    parts: list[str] = []
    y = 60
    for place, rooms in enumerate(layers()):
        kind = "门" if place < year else "一年" if place < ground else "地基"
        if place in (0, year, ground):
            y += 10
            parts.append(_text(24, y + 28, kind, size=15, fill="#545d66"))
        width = (_ROOMS - 14 * (len(rooms) - 1)) / len(rooms)
        for column, room in enumerate(rooms):
            parts.append(_room(96 + column * (width + 14), y, width, room, tone=_TONES[kind]))
        y += 52
    parts += _aside()
    height = max(y + 20, 720)
    parts.append(
        f'<path d="M{96 + _ROOMS + 22} 70 V{y - 20}" stroke="#a61b29" stroke-width="2" fill="none"/>'
        f'<path d="M{96 + _ROOMS + 16} {y - 22} l6 12 l6 -12 z" fill="#a61b29"/>'
    )
    told = "；".join("、".join(rooms) for rooms in layers())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 100} {height}" role="img" '
            "aria-labelledby=\"t d\" font-family=\"system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
            'sans-serif">',
            f'<title id="t">督办的房间与层次</title><desc id="d">自上而下：{told}。导入只许自上而下。'
            "右侧：每个名词之内由上而下为 actions、queries、models、rules。</desc>",
            f'<rect width="{_WIDTH + 100}" height="{height}" fill="#fff"/>',
            _text(24, 36, "房间与层次", size=20, weight=700),
            _text(150, 36, "导入只许自上而下，同一行的互不导入；import-linter 检查", size=14, fill="#545d66"),
            *parts,
            "</svg>",
            "",
        ]
    )


def _room(x: float, y: float, width: float, room: str, *, tone: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y}" width="{width:g}" height="44" rx="6" fill="{tone}" fill-opacity=".07" '
        f'stroke="{tone}"/>'
        + _text(x + 10, y + 19, room, size=14, weight=700, fill=tone)
        + _text(x + 10, y + 36, WORDS[room], size=12.5)
    )


def _aside() -> list[str]:
    x = _ASIDE + 60
    parts = [_text(x, 84, "一个名词之内", size=15, weight=700)]
    y = 98
    for name, words in _STEPS:
        parts.append(
            f'<rect x="{x}" y="{y}" width="296" height="50" rx="6" fill="#f8f9fa" stroke="#c2c8ce"/>'
            + _text(x + 12, y + 21, name, size=15, weight=700)
            + _text(x + 12, y + 40, words, size=12.5, fill="#545d66")
        )
        y += 60
    for words, is_title in _TOLD:
        y += 36 if is_title else 24
        parts.append(_text(x, y, words, size=15 if is_title else 13.5, weight=700 if is_title else 400))
    return parts


def _text(x: float, y: float, words: str, *, size: float, weight: int = 400, fill: str = "#1d2329") -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{bold} fill="{fill}">{escape(words)}</text>'


if __name__ == "__main__":
    FILE.write_text(drawn(), encoding="utf-8")
