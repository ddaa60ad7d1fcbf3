"""Which earlier texts are like a new one: pairs of characters, weighed as BM25 weighs words. Plain Python, no data.

Chinese needs no word list for this: 新建小学 gives 新建, 建小, 小学. Figures and years say nothing of what a matter is
about, so 新建3所 and 新建12所 are alike. Source: docs/sources.md#precedents
"""

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from duban.core.text import folded

_K1, _B = 1.2, 0.5
_FEW = 100
"""So few texts do not tell what is common: three about kindergartens do not make 幼儿园 a word that says nothing."""
_YEAR = re.compile(r"(?:19|20)[0-9]{2}年度?")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BREAK = re.compile(r"[^0-9a-z一-鿿#]+")


def grams(text: str) -> Counter[str]:
    """Return the pairs of characters of a text, with how often each is there; a part of one character counts itself."""
    plain = _NUMBER.sub("#", _YEAR.sub("", folded(text)))
    found: Counter[str] = Counter()
    for part in _BREAK.split(plain):
        if len(part) == 1:
            found[part] += 1
        for place in range(len(part) - 1):
            found[part[place : place + 2]] += 1
    return found


@dataclass(frozen=True, slots=True)
class Like:
    """One earlier text that is like the new one. share: 0 to 1, of what the new one says that is said there too."""

    id: int
    share: float


class Corpus:
    """Earlier texts, laid out so that the like ones are found without reading all of them.

    A question costs what the pairs of the new text occur, not how many texts there are.
    """

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        self.ids = array("q")
        self._lengths = array("i")
        self._postings: dict[str, array[int]] = {}
        for pk, text in texts:
            place = len(self.ids)
            found = grams(text)
            self.ids.append(pk)
            self._lengths.append(sum(found.values()))
            for gram, count in found.items():
                postings = self._postings.get(gram)
                if postings is None:
                    postings = self._postings[gram] = array("i")
                postings.extend((place, count))
        self._average = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0

    def __len__(self) -> int:
        return len(self.ids)

    def _weight(self, gram: str) -> float:
        """Return how much a pair says: one that stands in every text says nearly nothing."""
        occurs = len(self._postings.get(gram, ())) // 2
        return math.log(1 + (max(len(self.ids), _FEW) - occurs + 0.5) / (occurs + 0.5))

    def like(self, text: str, *, least: float, most: int) -> list[Like]:
        """Return the texts most like a new one, the likest first. least: share below which nothing is shown."""
        asked = grams(text)
        if not asked or not len(self.ids):
            return []
        scores: dict[int, float] = {}
        whole = 0.0
        length = sum(asked.values())
        for gram in asked:
            weight = self._weight(gram)
            whole += weight * _saturated(1, length=length, average=self._average)
            postings = self._postings.get(gram)
            if postings is None:
                continue
            for start in range(0, len(postings), 2):
                place, count = postings[start], postings[start + 1]
                said = _saturated(min(count, 1), length=self._lengths[place], average=self._average)
                scores[place] = scores.get(place, 0.0) + weight * said
        enough = [(score / whole, self.ids[place]) for place, score in scores.items() if score >= least * whole]
        ranked = sorted(enough, key=lambda one: (-one[0], one[1]))
        return [Like(pk, min(share, 1.0)) for share, pk in ranked[:most]]


def _saturated(count: int, *, length: int, average: float) -> float:
    return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / average))


def likeness_words(share: float) -> str:
    """Return how alike two texts are, in words."""
    return "很相近" if share >= 0.75 else "相近" if share >= 0.5 else "有些相近"
