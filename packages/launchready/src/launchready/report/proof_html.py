"""A proof as one HTML page: it loads nothing, runs no script and can be printed."""

import base64
import hashlib
from html import escape

from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.proof import ProofReport, ProvenRow
from launchready.report.paint import clean, clean_lines

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}
th{position:sticky;top:0;background:#f6f8fa}code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow-x:auto;padding:.7rem;background:#f6f8fa}
td.alarm{background:#ffdcd7}td.open{background:#fff1cf}td.denied,td.hidden,td.empty{background:#dcf5e3}td.not-checked{color:#57606a}
article{border-left:.3rem solid #b42318;padding:.1rem 1rem;margin:1.2rem 0}article.suspected{border-color:#8a5a00}.soft{color:#57606a}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,pre{background:#161b22}th,td{border-color:#30363d}
td.alarm{background:#5c1f19}td.open{background:#4b3a10}td.denied,td.hidden,td.empty{background:#14351f}.soft,td.not-checked{color:#9198a1}}
""".strip()


def render_html(proof: ProofReport) -> str:
    """The page. Every text of the app is escaped, and the page's own policy forbids scripts and requests."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    counts = proof.counts
    people = ", ".join(
        f"{who.name} ({' of '.join(filter(None, (who.role, who.tenant))) or 'a stranger'})" for who in proof.people
    )
    said = (
        f"{counts.alarms} alarms. {counts.proven} rows proven: {counts.allowed} allowed, {counts.denied} refused, {counts.open} open to everybody; "
        f"{counts.not_checked} not checked. {proof.requests} requests in {proof.seconds:.0f} s."
    )
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">",
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Proof of {_text(proof.target.project)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{proof.verdict.value}: {_text(proof.target.project)} at {_text(proof.target.url)}, called directly</h1>",
        f"<p>{said}</p><p>Called as {_text(people or 'nobody')}.</p>",
        "<h2>What would hurt your customers first</h2>" if proof.alarms else "",
        *(_alarm(finding) for finding in proof.alarms),
        _matrix(proof),
        _table("Not checked", ("what", "why", "give us"), [(g.target, g.reason, g.give) for g in proof.not_checked]),
        _table(
            "Made by the run",
            ("what", "as", "by", ""),
            [(m.path, m.who, m.route, _state(m)) for m in proof.made],
        ),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _state(made: Created) -> str:
    said = "removed" if made.removed else "not seen" if made.unseen else "still there" if made.sure else "perhaps kept"
    return f"{said}: {made.why}" if made.why else said


def _alarm(finding: Finding) -> str:
    shown = "".join(
        f"<details><summary>{_text(e.what)}</summary><pre>{_lines(e.excerpt or e.place)}</pre></details>"
        for e in finding.evidence
    )
    again = (
        f"<p class=soft>See it yourself:</p><pre>{_lines(finding.reproduction)}</pre>" if finding.reproduction else ""
    )
    return (
        f'<article class="{finding.confidence.value}"><h3>{_text(finding.title)}</h3><p>{_text(finding.detail)} '
        f"<span class=soft>{finding.confidence.value} · {finding.check}</span></p>{shown}{again}<p>Fix: {_text(finding.fix)}</p></article>"
    )


def _matrix(proof: ProofReport) -> str:
    """Endpoints down, callers across; two lines for records that are one's own and another's."""
    columns = [who.name for who in proof.people]
    by_line: dict[tuple[str, str], dict[str, ProvenRow]] = {}
    for row in proof.rows:
        by_line.setdefault((row.route, row.record), {})[row.who] = row
    if not by_line:
        return ""
    head = "".join(f"<th>{_text(name)}</th>" for name in columns)
    words = {"own": "their own", "other": "another's", "none": ""}
    lines = []
    for (route, record), cells in by_line.items():
        shown = "".join(_seen(cells.get(name)) for name in columns)
        lines.append(f"<tr><td><code>{_text(route)}</code></td><td>{words.get(record, record)}</td>{shown}</tr>")
    return f"<h2>Who got what</h2><table><thead><tr><th>Endpoint</th><th>Record</th>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _seen(row: ProvenRow | None) -> str:
    if row is None:
        return "<td></td>"
    kind = "alarm" if row.alarm else row.seen.replace(" ", "-")
    return f'<td class="{kind}">{_text(row.seen)}{" (alarm)" if row.alarm else ""}</td>'


def _table(title: str, names: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return escape(clean(text))


def _lines(text: str) -> str:
    return escape(clean_lines(text))
