"""The risk map: a picture of what could hurt whom, and how sure that is. Drawn as SVG, without anything from outside."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from launchready.model.words import Confidence, Impact
from launchready.report.paint import clean
from launchready.report.ranking import Row

_COLUMNS = (Confidence.SUSPECTED, Confidence.CERTAIN, Confidence.PROVEN)
_SAYS = {
    Confidence.SUSPECTED: "suspected: a person must look",
    Confidence.CERTAIN: "certain: the fact is in front of us",
    Confidence.PROVEN: "proven: we did it",
}
_HURTS = {
    Impact.IDENTITY: "Identity",
    Impact.DATA: "Data",
    Impact.MONEY: "Money",
    Impact.AVAILABILITY: "Availability",
    Impact.REPUTATION: "Reputation",
    Impact.OPERATIONS: "Operations",
}
_TOP, _RADIUS, _STEP = 34, 12, 29


@dataclass(frozen=True, slots=True)
class Sheet:
    """How wide the map is drawn: its class, the room for names at the left, a column's width, and numbers in a line and lines in a cell."""

    kind: str
    left: int
    wide: int
    per_line: int
    lines: int


WIDE = Sheet("wide", 110, 270, 8, 3)
# On a phone the names stand above their row, so that all three columns can be seen at once.
NARROW = Sheet("narrow", 0, 118, 3, 8)


def risk_map(rows: Sequence[Row], sheet: Sheet = WIDE) -> str:
    """The map as one ``<svg>`` element. Numbers are those of the list of findings; what does not fit in a cell is counted."""
    cells: dict[tuple[Impact, Confidence], list[Row]] = defaultdict(list)
    for row in rows:
        cells[row.finding.impact, row.finding.confidence].append(row)
    parts: list[str] = []
    y = _TOP
    for impact in Impact:
        deepest = max(len(cells[impact, column]) for column in _COLUMNS)
        height = 12 + _STEP * max(1, min(sheet.lines, -(-deepest // sheet.per_line)))
        if sheet.left:
            at = f'x="{sheet.left - 12}" y="{y + height / 2 + 4:.0f}" text-anchor="end"'
        else:
            y += 20
            at = f'x="0" y="{y - 6}"'
        parts.append(f'<text {at} class="axis">{_HURTS[impact]}</text>')
        for index, column in enumerate(_COLUMNS):
            x = sheet.left + index * sheet.wide
            parts.append(
                f'<rect x="{x}" y="{y}" width="{sheet.wide - 6}" height="{height - 4}" rx="6" class="cell {_heat(impact, column)}"/>'
            )
            parts += _dots(cells[impact, column], x, y, sheet)
        y += height
    heads = [
        f'<text x="{sheet.left + index * sheet.wide + 4}" y="{_TOP - 12}" class="axis">'
        f"{_SAYS[column] if sheet.left else column.value}</text>"
        for index, column in enumerate(_COLUMNS)
    ]
    width, name = sheet.left + sheet.wide * len(_COLUMNS), f"map-{sheet.kind}"
    return (
        f'<svg viewBox="0 0 {width} {y + 4}" role="img" aria-labelledby="{name}-title {name}-text" class="map {sheet.kind}">'
        f'<title id="{name}-title">Risk map</title>'
        f'<desc id="{name}-text">{escape(_in_words(cells))}</desc>' + "".join(heads) + "".join(parts) + "</svg>"
    )


def _dots(rows: Sequence[Row], x: int, y: int, sheet: Sheet) -> list[str]:
    room = sheet.per_line * sheet.lines
    shown = rows if len(rows) <= room else rows[: room - 1]
    dots = []
    for index, row in enumerate(shown):
        cx, cy = _at(index, x, y, sheet)
        title = escape(clean(row.finding.title), quote=True)
        severity = row.shade
        dots.append(
            f'<a href="#f{row.number}" aria-label="{row.number}: {title}">'
            f"<title>{row.number}: {title}</title>"
            f'<circle cx="{cx}" cy="{cy}" r="{_RADIUS}" class="dot {severity}"/>'
            f'<text x="{cx}" y="{cy + 4}" class="number {severity}" text-anchor="middle">{row.number}</text></a>'
        )
    if len(shown) < len(rows):
        cx, cy = _at(len(shown), x, y, sheet)
        dots.append(f'<text x="{cx}" y="{cy + 4}" class="axis" text-anchor="middle">+{len(rows) - len(shown)}</text>')
    return dots


def _at(index: int, x: int, y: int, sheet: Sheet) -> tuple[int, int]:
    return x + 20 + (index % sheet.per_line) * 32, y + 18 + (index // sheet.per_line) * _STEP


def _heat(impact: Impact, confidence: Confidence) -> str:
    weight = list(Impact).index(impact) + 2 * list(reversed(_COLUMNS)).index(confidence)
    return "hot" if weight <= 2 else "warm" if weight <= 5 else "cool"


def _in_words(cells: dict[tuple[Impact, Confidence], list[Row]]) -> str:
    said = []
    for (impact, confidence), rows in sorted(
        cells.items(), key=lambda item: (list(Impact).index(item[0][0]), item[0][1])
    ):
        if rows:
            blockers = sum(row.finding.blocks for row in rows)
            said.append(
                f"{_HURTS[impact]}, {confidence.value}: {len(rows)} findings, {blockers} of them launch blockers"
            )
    return ". ".join(said) or "No finding."
