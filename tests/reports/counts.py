"""Texts with their 字数: what Python counts, and what the page counts while somebody types."""

COUNTS: list[tuple[str, int]] = [
    ("", 0),
    (" 　\n\t\u00a0", 0),
    ("新增人才1.61万人", 7),
    ("人", 1),
    ("1.61", 1),
    ("3,000", 1),
    ("50%", 1),
    ("A-1", 1),
    ("COVID-19", 1),
    ("2020-06-20", 1),
    ("hello world", 2),
    ("R&D 经费", 3),
    ("新冠COVID-19疫情", 5),
    ("完成50%，超出3.5个百分点。", 12),
    ("你好，世界。", 6),
    ("你好,世界.", 6),  # half-width marks between Chinese are runs of their own
    ("（一）", 3),
    ("(1)", 1),
    ("“十三五”", 5),
    ("‘引号’", 4),
    ("——", 2),
    ("……", 2),
    ("1—6月", 4),
    ("1-6月", 2),
    ("1–6月", 2),
    ("泉·州", 3),
    ("《政务督查》", 6),
    ("１６１", 3),  # full width letters and digits count one each, as word processors do
    ("ＡＢＣ", 3),
    ("１.6１万", 4),
    ("５０％", 3),
    ("37℃", 2),
    ("Ⅲ类水质", 4),
    ("①②③", 3),
    ("≥80", 2),
    ("3×4", 3),
    ("㎡", 1),
    ("400㎡", 2),
    ("¥100", 1),
    ("￥100", 2),
    ("江 岚", 2),
    ("江　岚", 2),
    ("cafe\u0301", 1),
    ("e\u0301", 1),
    ("葛\U000e0100", 1),
    ("\U00020bb7野家", 3),
    ("\U0002a6a5", 1),
    ("한국", 2),
    ("ｶﾅ", 2),
    ("カナ", 2),
    ("Привет мир", 2),
    ("😀", 1),
    ("好😀好", 3),
    ("👍🏽", 1),
    ("❤️", 1),
    ("👨\u200d👩\u200d👧", 1),
    ("🇨🇳", 1),
    ("🇨🇳🇨🇳", 2),
    ("1️⃣", 1),
    ("第1️⃣项", 3),
    ("©2020", 1),
    ("零\u200b宽", 2),
    ("ab\u200bcd", 1),
    ("\ufeff人", 1),
    ("软\u00ad连", 2),
    ("行\n行", 2),
    ("a\nb", 2),
    ("\ue000", 1),
    ("it’s", 3),
    ("https://a.cn/b?c=1", 1),
    ("-", 1),
    ("\x01人", 1),
]


def _of(length: int, piece: str, size: int) -> str:
    whole, rest = divmod(length, size)
    return piece * whole + "字" * rest


PIECES = {
    "chinese": ("督", 1),
    "full width": ("Ａ", 1),
    "marks": ("实，", 2),
    "latin": ("完成 work ", 3),
    "figures": ("增3,000人", 3),
    "percent": ("达50%；", 3),
    "beyond the plane": ("\U00020bb7", 1),
    "emoji": ("👨\u200d👩\u200d👧", 1),
    "mixed": ("新增１.6万人，COVID-19 👍🏽", 9),
}
"""A piece of one mixture of scripts, and its 字数."""

BOUNDS = [
    (_of(length, piece, size), length) for piece, size in PIECES.values() for length in (99, 100, 101, 149, 150, 151)
]
