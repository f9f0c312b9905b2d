"""The matrix as the pages show it: rows in groups, each cell as its two or three words with their colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from launchready.model.matrix import Matrix, MatrixCell, MatrixRow, Reach
from launchready.report.paint import clean

SHORT = {Reach.ALLOWED: "yes", Reach.OWN: "own", Reach.TENANT: "tenant", Reach.DENIED: "no", Reach.BROKEN: "error"}
_STATES = {"exceeds": "got further than designed", "differs": "the columns disagree", "proven": "proven by calls"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One word of a cell: which column it is of, the word, and the class that colours it."""

    column: str
    word: str
    look: str


@dataclass(frozen=True, slots=True)
class Box:
    """One cell: ``state`` is exceeds, differs, proven or empty; ``note`` says it, and who called."""

    role: str
    chips: tuple[Chip, ...]
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint."""

    row: MatrixRow
    method: str
    path: str
    boxes: tuple[Box, ...]
    worst: str


@dataclass(frozen=True, slots=True)
class View:
    """A whole page: ``groups`` by the first part of the address, and the counts that are said above them."""

    roles: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    proven: bool
    drafted: bool
    exceeds: int
    differs: int
    review: int
    unlisted: int
    decided: int
    cells: int


def view(matrix: Matrix) -> View:
    """What the pages show of a matrix."""
    proven = has_calls(matrix)
    groups: dict[str, list[Line]] = {}
    for row in matrix.rows:
        groups.setdefault(_group(row.endpoint), []).append(_line(row, proven=proven))
    alone = [title for title, lines in groups.items() if len(lines) < 2]
    rest = [line for title in alone for line in groups.pop(title)]
    if rest:
        groups["Everything else" if groups else "All"] = rest
    cells = [cell for row in matrix.rows for cell in row.cells]
    return View(
        matrix.roles,
        tuple((title, tuple(lines)) for title, lines in groups.items()),
        proven,
        matrix.drafted,
        sum(cell.exceeds for cell in cells),
        sum(cell.differs and not cell.exceeds for cell in cells),
        sum(row.policy == "review" for row in matrix.rows),
        0 if matrix.drafted else sum(row.policy == "unlisted" for row in matrix.rows),
        sum(bool(cell.identities) for cell in cells),
        len(cells),
    )


def has_calls(matrix: Matrix) -> bool:
    """Whether any call decided anything."""
    return any(cell.identities for row in matrix.rows for cell in row.cells)


def words(cell: MatrixCell, *, proven: bool) -> tuple[str, ...]:
    """As designed, as found and, when there were calls, as proven; ``?`` is what nobody could say."""
    said = tuple(SHORT.get(one, "?") for one in (cell.designed, cell.found))
    return (*said, calls_said(cell)) if proven else said


def calls_said(cell: MatrixCell) -> str:
    """What calls got, in one word: ``others`` when they got records that are another's, ``own`` when those were refused."""
    if cell.others is Reach.ALLOWED:
        return "others"
    if cell.proven is Reach.ALLOWED:
        return "own" if cell.others is Reach.DENIED else "yes"
    if cell.proven is Reach.UNKNOWN and cell.others is Reach.DENIED:
        return "own?"
    return SHORT.get(cell.proven, "?")


def state(cell: MatrixCell) -> str:
    """What is to be said of a cell first."""
    if cell.exceeds:
        return "exceeds"
    if cell.differs:
        return "differs"
    return "proven" if cell.identities and cell.proven is not Reach.BROKEN else ""


def _line(row: MatrixRow, *, proven: bool) -> Line:
    method, _, path = row.endpoint.partition(" ")
    boxes = tuple(_box(cell, proven=proven) for cell in row.cells)
    worst = next((one for one in ("exceeds", "differs") if any(box.state == one for box in boxes)), "")
    return Line(row, clean(method), clean(path), boxes, worst)


def _box(cell: MatrixCell, *, proven: bool) -> Box:
    columns = ("designed", "found", "proven")
    looks = {
        "yes": "all",
        "others": "all",
        "own": "some",
        "own?": "some",
        "tenant": "some",
        "no": "none",
        "error": "broken",
    }
    chips = tuple(
        Chip(column, word, looks.get(word, "unsure"))
        for column, word in zip(columns, words(cell, proven=proven), strict=False)
    )
    said = state(cell)
    notes = [_STATES.get(said, "")]
    if cell.identities:
        notes.append("called as " + ", ".join(clean(one) for one in cell.identities))
    return Box(clean(cell.role), chips, said, "; ".join(note for note in notes if note))


def _group(endpoint: str) -> str:
    parts: Sequence[str] = [part for part in endpoint.partition(" ")[2].split("#")[0].split("/") if part]
    kept = []
    for part in parts[:3]:
        kept.append(part)
        if not (part in ("api", "rest") or (part[:1] == "v" and part[1:].isdigit()) or part.startswith("{")):
            break
    return "/" + "/".join(kept)
