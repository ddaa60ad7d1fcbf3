"""A score worked out from what a sheet's page shows, as a unit would with a pencil; no code of ours takes part."""

from decimal import ROUND_HALF_UP, Decimal

from lxml import html

D = Decimal


def half_up(value: Decimal) -> Decimal:
    return value.quantize(D("0.01"), rounding=ROUND_HALF_UP)


class Page:
    """A page as a reader sees it: figures by id, tables by id."""

    def __init__(self, content: bytes) -> None:
        self.tree = html.fromstring(content.decode())

    def figure(self, name: str) -> Decimal:
        [one] = self.tree.xpath(f'//*[@id="{name}"]')
        return D(one.text_content().strip())

    def rows(self, name: str) -> list[list[str]]:
        rows = self.tree.xpath(f'//*[@id="{name}"]//tbody/tr')
        return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]

    def facts(self) -> dict[tuple[str, str], int]:
        """How many facts are listed of each kind and part, and every one of them has a way to its events."""
        found = {}
        for head in self.tree.xpath('//h3[@class="group-head"]'):
            part = head.find("small").text_content().split("·")[0].strip()
            lines = head.getnext().findall("li")
            assert all(one.xpath('.//span[@class="what"]/a/@href') for one in lines)
            found[head.text.strip(), part] = len(lines)
        return found


def recomputed(shown: Page, *, middle: Decimal) -> Decimal:
    """Work a score out from what a sheet's page shows, checking each figure on the way."""
    assert shown.figure("median") == middle
    quotient = half_up(shown.figure("obligations") / middle)
    assert shown.figure("quotient") == quotient
    divisor = min(max(quotient, shown.figure("least")), shown.figure("most"))
    assert shown.figure("divisor") == divisor
    deductions = bonus = D(0)
    counted = {}
    for kind, part, points, count, ratio, divided, score in shown.rows("lines"):
        assert D(ratio) == (1 if part == "牵头" else D("0.5"))
        assert D(divided) == (1 if kind == "核查不实" else divisor)
        assert D(score) == half_up(D(points) * int(count) * D(ratio) / D(divided))
        counted[kind, part] = int(count)
        if D(score) < 0:
            deductions += D(score)
        else:
            bonus += D(score)
    assert counted == shown.facts()
    assert (shown.figure("deductions"), shown.figure("bonus")) == (deductions, min(bonus, D(5)))
    facts_score = max(shown.figure("base") + deductions + min(bonus, D(5)), D(0))
    assert shown.figure("facts-score") == facts_score
    given = [D(value) for _, value, _ in shown.rows("ratings")]
    if not given:
        return half_up(facts_score)
    mean = half_up(sum(given) / len(given))
    assert shown.figure("rating") == mean
    return half_up(facts_score * shown.figure("facts-pct") / 100 + mean * shown.figure("rating-pct") / 100)
