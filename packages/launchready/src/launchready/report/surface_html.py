"""A surface as one HTML page: it loads nothing, runs no script and can be printed."""

import base64
import hashlib
from html import escape

from launchready.model.surface import Endpoint, Surface
from launchready.model.words import AccessVerdict
from launchready.report.paint import clean

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}
th{position:sticky;top:0;background:#f6f8fa}code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
.open{color:#b42318;font-weight:600}.unknown{color:#8a5a00;font-weight:600}.guarded{color:#1a7f37}.where{color:#57606a}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th{background:#161b22}th,td{border-color:#30363d}
.open{color:#ff7b72}.unknown{color:#e3b341}.guarded{color:#56d364}.where{color:#9198a1}}
""".strip()


def render_html(surface: Surface, name: str) -> str:
    """The page. Every text of the app is escaped, and the page's own policy forbids scripts and requests."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    counts = {verdict: sum(e.access.verdict is verdict for e in surface.endpoints) for verdict in AccessVerdict}
    said = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items())
    rows = "\n".join(_row(endpoint) for endpoint in surface.endpoints)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">",
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Surface of {_text(name)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Surface of {_text(name)}</h1><p>{len(surface.endpoints)} ways in: {said}. "
        "<em>Unknown</em> is work to do, and not safe until a person has looked.</p>",
        "<table><thead><tr><th>Method</th><th>Path</th><th>Does</th><th>Who may call it</th><th>Kind</th>"
        "<th>Why, and where</th></tr></thead><tbody>",
        rows,
        "</tbody></table>",
        _list(
            "Third parties",
            [
                f"{one.name} ({one.kind}): {'; '.join(_place(s.file, s.line, s.what) for s in one.evidence)}"
                for one in surface.integrations
            ],
        ),
        _list("Not understood, or left out", [f"{one.file}: {one.reason}" for one in surface.unread]),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _row(endpoint: Endpoint) -> str:
    access = endpoint.access
    who = access.verdict.value
    if access.verdict is AccessVerdict.GUARDED:
        who = access.data if access.by_data else ", ".join(access.roles) or access.how or who
    places = [_place(one.file, one.line, one.what) for one in access.evidence]
    if endpoint.only_when:
        places.insert(0, f"only when {endpoint.only_when}")
    places.append(f"{_place(endpoint.source.file, endpoint.source.line, '')} (seen in {', '.join(endpoint.seen_in)})")
    return (
        f"<tr><td>{_text(endpoint.method)}</td><td><code>{_text(endpoint.path)}</code></td><td>{_text(endpoint.action)}</td>"
        f'<td class="{access.verdict.value}">{_text(who)}</td><td>{_text(", ".join(endpoint.kind))}</td>'
        f'<td class="where">{"<br>".join(_text(place) for place in places)}</td></tr>'
    )


def _list(title: str, lines: list[str]) -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f"<h2>{title}</h2><ul>{items}</ul>" if lines else ""


def _place(file: str, line: int, what: str) -> str:
    return ": ".join(part for part in (f"{file}:{line}" if file else "", what) if part)


def _text(text: str) -> str:
    return escape(clean(text), quote=True)
