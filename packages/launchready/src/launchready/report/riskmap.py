"""The risk map: a picture of what could hurt whom, and how sure that is. Drawn as SVG, without anything from outside."""

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from launchready.model.words import Confidence, Impact, Severity
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
_LEFT, _TOP, _WIDE, _RADIUS, _STEP = 110, 34, 270, 12, 29
_PER_ROW, _MOST_ROWS = 8, 3


def risk_map(rows: Sequence[Row]) -> str:
    """The map as one ``<svg>`` element. Numbers are those of the list of findings; what does not fit in a cell is counted."""
    cells: dict[tuple[Impact, Confidence], list[Row]] = defaultdict(list)
    for row in rows:
        cells[row.finding.impact, row.finding.confidence].append(row)
    parts: list[str] = []
    y = _TOP
    for impact in Impact:
        deepest = max(len(cells[impact, column]) for column in _COLUMNS)
        height = 12 + _STEP * max(1, min(_MOST_ROWS, -(-deepest // _PER_ROW)))
        parts.append(
            f'<text x="{_LEFT - 12}" y="{y + height / 2 + 4:.0f}" class="axis" text-anchor="end">{_HURTS[impact]}</text>'
        )
        for index, column in enumerate(_COLUMNS):
            x = _LEFT + index * _WIDE
            parts.append(
                f'<rect x="{x}" y="{y}" width="{_WIDE - 6}" height="{height - 4}" rx="6" class="cell {_heat(impact, column)}"/>'
            )
            parts += _dots(cells[impact, column], x, y)
        y += height
    heads = [
        f'<text x="{_LEFT + index * _WIDE + 4}" y="{_TOP - 12}" class="axis">{_SAYS[column]}</text>'
        for index, column in enumerate(_COLUMNS)
    ]
    width = _LEFT + _WIDE * len(_COLUMNS)
    return (
        f'<svg viewBox="0 0 {width} {y + 4}" role="img" aria-labelledby="map-title map-text" class="map">'
        '<title id="map-title">Risk map</title>'
        f'<desc id="map-text">{escape(_in_words(cells))}</desc>' + "".join(heads) + "".join(parts) + "</svg>"
    )


def _dots(rows: Sequence[Row], x: int, y: int) -> list[str]:
    room = _PER_ROW * _MOST_ROWS
    shown = rows if len(rows) <= room else rows[: room - 1]
    dots = []
    for index, row in enumerate(shown):
        cx, cy = _at(index, x, y)
        title = escape(clean(row.finding.title), quote=True)
        severity = row.finding.severity.value
        dots.append(
            f'<a href="#f{row.number}" aria-label="{row.number}: {title}">'
            f"<title>{row.number}: {title}</title>"
            f'<circle cx="{cx}" cy="{cy}" r="{_RADIUS}" class="dot {severity}"/>'
            f'<text x="{cx}" y="{cy + 4}" class="number {severity}" text-anchor="middle">{row.number}</text></a>'
        )
    if len(shown) < len(rows):
        cx, cy = _at(len(shown), x, y)
        dots.append(f'<text x="{cx}" y="{cy + 4}" class="axis" text-anchor="middle">+{len(rows) - len(shown)}</text>')
    return dots


def _at(index: int, x: int, y: int) -> tuple[int, int]:
    return x + 20 + (index % _PER_ROW) * 32, y + 18 + (index // _PER_ROW) * _STEP


def _heat(impact: Impact, confidence: Confidence) -> str:
    weight = list(Impact).index(impact) + 2 * list(reversed(_COLUMNS)).index(confidence)
    return "hot" if weight <= 2 else "warm" if weight <= 5 else "cool"


def _in_words(cells: dict[tuple[Impact, Confidence], list[Row]]) -> str:
    said = []
    for (impact, confidence), rows in sorted(
        cells.items(), key=lambda item: (list(Impact).index(item[0][0]), item[0][1])
    ):
        if rows:
            blockers = sum(row.finding.severity is Severity.BLOCKER for row in rows)
            said.append(
                f"{_HURTS[impact]}, {confidence.value}: {len(rows)} findings, {blockers} of them launch blockers"
            )
    return ". ".join(said) or "No finding."
