"""The matrix as a table for a terminal, a page, a spreadsheet, a pull request and tools."""

import csv
import io
import json

import msgspec

from launchready.model.matrix import Matrix, MatrixCell, MatrixRow, Reach
from launchready.report.escaped import code, markdown, spreadsheet
from launchready.report.matrix_html import render_page
from launchready.report.matrix_view import has_calls, words
from launchready.report.paint import Paint, clean

_LEAST = 24


def render_matrix(matrix: Matrix, form: str, name: str, when: str = "") -> str:
    """The matrix as ``terminal``, ``html``, ``csv``, ``markdown`` or ``json``. ``when`` says which run the calls are of."""
    if form == "html":
        return render_page(matrix, name, when)
    if form == "json":
        document = {"schema": 1, "project": name, "calls_of": when, **msgspec.to_builtins(matrix)}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if form == "csv":
        return _csv(matrix)
    if form == "markdown":
        return _markdown(matrix, name, when)
    return _terminal(matrix, name, when, Paint.here())


def _terminal(matrix: Matrix, name: str, when: str, paint: Paint) -> str:
    proven = has_calls(matrix)
    columns = "designed/found/proven" if proven else "designed/found"
    lines = paint.fold(f"{name} · {len(matrix.rows)} endpoints · {len(matrix.roles)} roles · each cell: {columns}", "")
    if when:
        lines += paint.fold(f"Calls of the run of {when}.", "")
    cells = [["/".join(words(cell, proven=proven)) for cell in row.cells] for row in matrix.rows]
    widths = [max([len(role), *(len(row[at]) for row in cells)]) for at, role in enumerate(matrix.roles)]
    room = paint.width - 4 - sum(width + 2 for width in widths)
    longest = max((len(clean(row.endpoint)) for row in matrix.rows), default=0)
    stacked = room < min(_LEAST, longest)
    width = longest if stacked else min(room, longest)
    lines.append("")
    if not stacked:
        heads = "  ".join(f"{role:<{size}}" for role, size in zip(matrix.roles, widths, strict=True))
        lines.append(paint(clean(f"    {'':<{width}}  {heads}").rstrip(), "bold"))
    for row, said in zip(matrix.rows, cells, strict=True):
        lines += _row(row, said, matrix.roles, widths, width, paint, stacked=stacked, drafted=matrix.drafted)
    lines += ["", *_legend(matrix, paint, proven=proven)]
    return paint.finish(lines)


def _row(
    row: MatrixRow,
    said: list[str],
    roles: tuple[str, ...],
    widths: list[int],
    width: int,
    paint: Paint,
    *,
    stacked: bool,
    drafted: bool,
) -> list[str]:
    mark = " " if drafted else {"reviewed": " ", "review": "?", "unlisted": "+"}[row.policy]
    name = clean(row.endpoint)
    shown = [
        paint(f"{text:<{size}}", *_colour(cell))
        for text, size, cell in zip(said, [0] * len(said) if stacked else widths, row.cells, strict=True)
    ]
    if stacked:
        lines, used = paint.fold(name, "      ", f"  {mark} "), paint.width
        for role, text, plain in zip(roles, shown, said, strict=True):
            size = len(clean(role)) + 1 + len(plain)
            if used + 3 + size > paint.width:
                lines.append(f"        {clean(role)} {text}")
                used = 8 + size
            else:
                lines[-1] += f"   {clean(role)} {text}"
                used += 3 + size
        return lines
    if len(name) <= width:
        return [f"  {mark} {name:<{width}}  {'  '.join(shown)}".rstrip()]
    return [f"  {mark} {name}", f"    {'':<{width}}  {'  '.join(shown)}".rstrip()]


def _colour(cell: MatrixCell) -> tuple[str, ...]:
    if cell.exceeds:
        return ("red", "bold")
    if cell.differs:
        return ("yellow",)
    settled = [one for one in (cell.designed, cell.found, cell.proven) if one is not Reach.UNKNOWN]
    return ("green",) if len(settled) > 1 else ("dim",)


def _legend(matrix: Matrix, paint: Paint, *, proven: bool) -> list[str]:
    exceeds = sum(cell.exceeds for row in matrix.rows for cell in row.cells)
    differs = sum(cell.differs and not cell.exceeds for row in matrix.rows for cell in row.cells)
    review = sum(row.policy == "review" for row in matrix.rows)
    lines = []
    if exceeds:
        lines += paint.fold(f"{exceeds} cells where calls got further than the policy allows", "  ")
    if differs:
        lines += paint.fold(f"{differs} cells where the columns disagree: launchready policy check", "  ")
    if review:
        lines += paint.fold(f"? {review} rows nobody has reviewed: they decide nothing", "  ")
    if unlisted := sum(row.policy == "unlisted" for row in matrix.rows) if not matrix.drafted else 0:
        lines += paint.fold(f"+ {unlisted} endpoints without a row: launchready policy draft --force", "  ")
    words = (
        "yes: every record · own: records of their own · tenant: of their workspace · no: refused · ?: nobody could say"
    )
    if proven:
        words += " · others: calls got another's records · own?: another's were refused, own ones not asked for"
    return [*lines, *(paint(line, "dim") for line in paint.fold(words, "  "))]


def _csv(matrix: Matrix) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = ("designed", "found", "proven", "others", "foreign")
    writer.writerow(
        ["endpoint", "kind", "policy", "source", *(spreadsheet(f"{r} {c}") for r in matrix.roles for c in columns)]
    )
    for row in matrix.rows:
        values = [getattr(cell, column).value for cell in row.cells for column in columns]
        place = f"{row.file}:{row.line}" if row.file else ""
        writer.writerow([spreadsheet(text) for text in (row.endpoint, row.kind, row.policy, place, *values)])
    return out.getvalue()


def _markdown(matrix: Matrix, name: str, when: str) -> str:
    proven = has_calls(matrix)
    columns = "as designed / as found / as proven" if proven else "as designed / as found"
    lines = [
        f"# Who may call what in {markdown(name)}",
        "",
        f"Each cell: {columns}." + (f" Calls of the run of {when}." if when else ""),
        "",
    ]
    lines += [
        "| endpoint | " + " | ".join(map(markdown, matrix.roles)) + " | policy |",
        "|---" * (len(matrix.roles) + 2) + "|",
    ]
    for row in matrix.rows:
        said = [("/".join(words(cell, proven=proven)), cell.exceeds) for cell in row.cells]
        cells = [f"**{text}**" if exceeds else text for text, exceeds in said]
        lines.append(f"| {code(row.endpoint)} | " + " | ".join(cells) + f" | {row.policy} |")
    return "\n".join(lines) + "\n"
