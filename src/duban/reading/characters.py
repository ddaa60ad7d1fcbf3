"""Characters: widths, spaces and the traditional forms that words are recognised by.

`folded` maps one character to one character, so a place found in the folded text is the same place in the
text as printed: everything is recognised folded and cut out as printed.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TRADITIONAL = (
    "責责單单牽牵頭头領领導导時时負负參参與与協协辦办縣县區区鎮镇鄉乡黨党務务員员長长任任項项標标類类"
    "內内號号間间點点順顺產产業业農农衛卫環环發发財财規规劃划設设園园體体廳厅總总職职關关鐵铁質质監监"
    "稅税國国資资會会聯联團团婦妇殘残僑侨綱纲書书記记處处廣广電电視视銀银運运輸输庫库廠厂門门組组織织"
    "統统計计審审網网絡络應应響响醫医療疗診诊學学術术創创優优無无傳传動动進进還还這这達达過过須须對对"
    "實实現现個个萬万億亿條条種种幾几將将從从來来為为於于並并後后裡里麼么當当數数據据圖图書书館馆"
    "落落舉举措措屆届層层歷历轉转車车輛辆間间畝亩頃顷噸吨約约隊队鄰邻邊边場场報报幹干執执擔担統统籌筹"
    "確确節节範范環环費费贊赞購购貿贸際际陽阳陰阴雲云蘇苏劉刘張张陳陈吳吴楊杨趙赵黃黄馬马葉叶蔣蒋"
    "鄧邓許许馮冯蕭萧謝谢羅罗鄭郑孫孙賈贾閻阎龍龙萬万錢钱湯汤賴赖龐庞顧顾盧卢譚谭韓韩魯鲁"
)
_WIDE = {ord("　"): " ", 0xA0: " ", 0x200B: " ", 0xFEFF: " ", 0x2002: " ", 0x2003: " ", 0x2009: " "}
_FOLD: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **_WIDE,
    **{ord(_TRADITIONAL[i]): _TRADITIONAL[i + 1] for i in range(0, len(_TRADITIONAL), 2)},
    ord("〔"): "(", ord("〕"): ")", ord("［"): "[", ord("］"): "]", ord("【"): "[", ord("】"): "]",
    ord("﹙"): "(", ord("﹚"): ")", ord("︰"): ":", ord("∶"): ":", ord("﹕"): ":", ord("﹔"): ";",
    ord("｜"): "|", ord("│"): "|", ord("┃"): "|", ord("║"): "|", ord("\t"): " ",
    ord("○"): "〇", ord("Ｏ"): "O", ord("﹑"): "、", ord("､"): "、", ord("·"): "·", ord("•"): "·",
}  # fmt: skip

_NARROW = {code: char for code, char in _FOLD.items() if chr(code) not in _TRADITIONAL[::2]}

_SPACE = re.compile(r"[\s　\xa0​‌‍⁠﻿]+")
_CJK = "㐀-䶿一-鿿豈-﫿〇"
_CJK_RE = re.compile(f"[{_CJK}]")
_BETWEEN = re.compile(
    rf"(?<=[{_CJK}、，。；：？！“”‘’（）《》〈〉〔〕【】·])[ \t　\xa0​]+"
    rf"(?=[{_CJK}、，。；：？！“”‘’（）《》〈〉〔〕【】·])"
)


_SPACED_LABEL = re.compile(rf"(?<![{_CJK}])[{_CJK}](?:[ \t　\xa0]+[{_CJK}]){{1,7}}[ \t　\xa0]*(?=[:：])")


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """This function will return `text` with every character in its plain form, at the same place."""
    return text.translate(_FOLD)


def narrowed(text: str) -> str:
    """This function will fold widths and marks only: traditional characters stay as printed."""
    return text.translate(_NARROW)


def restored(piece: str, printed: str) -> str:
    """This function will give a piece of folded text back the characters it was printed with."""
    plain, source = key(printed), squeezed(narrowed(printed))
    place = plain.find(key(piece))
    return source[place : place + len(key(piece))] if place >= 0 and len(plain) == len(source) else piece


def squeezed(text: str) -> str:
    """This function will return `text` without any white space."""
    return _SPACE.sub("", text)


def key(text: str) -> str:
    """This function will return `text` folded and without white space, for comparing."""
    return _SPACE.sub("", text.translate(_FOLD))


def tidied(text: str) -> str:
    """This function will return `text` without padding: spaces between Chinese characters go, others are one."""
    return _SPACE.sub(" ", _BETWEEN.sub("", text)).strip()


def tidied_apart(text: str) -> str:
    """This function will tidy `text`, but keep the blanks that may separate names: behind a colon, in brackets.

    责 任 单 位：县财政局 县审计局 keeps the blank between the two units only.
    """
    text = _SPACED_LABEL.sub(lambda match: squeezed(match.group()), text.strip())
    plain = folded(text)
    pieces: list[str] = []
    start = scanned = depth = 0
    behind_colon = False
    for match in _BETWEEN.finditer(text):
        for char in plain[scanned : match.start()]:
            if char in "([":
                depth += 1
            elif char in ")]":
                depth = max(0, depth - 1)
            elif char == ":":
                behind_colon = True
            elif char in "。!":
                behind_colon = False
        scanned = match.end()
        listed = behind_colon or depth > 0
        between_words = _CJK_RE.match(plain[match.start() - 1]) or plain[match.start() - 1] in ")]"
        keep = listed and between_words and _CJK_RE.match(plain[match.end()])
        pieces.append(text[start : match.start()] + (" " if keep else ""))
        start = match.end()
    return _SPACE.sub(" ", "".join([*pieces, text[start:]])).strip()


def joined(first: str, second: str) -> str:
    """This function will join two pieces of one sentence, with a blank only between Latin letters."""
    if not first or not second:
        return first or second
    if first[-1].isascii() and first[-1].isalnum() and second[0].isascii() and second[0].isalnum():
        return f"{first} {second}"
    return first + second


def has_cjk(text: str) -> bool:
    """This function will tell whether `text` has a Chinese character."""
    return _CJK_RE.search(text) is not None


def is_cjk(text: str) -> bool:
    """This function will tell whether `text` is Chinese characters only."""
    return bool(text) and all(_CJK_RE.match(char) for char in text)
