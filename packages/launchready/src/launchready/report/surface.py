"""A surface as a table or page for people, as JSON and OpenAPI for tools, as Markdown for a page."""

import json

import msgspec

from launchready.model.surface import Endpoint, Input, Span, Surface
from launchready.model.words import AccessVerdict
from launchready.report.escaped import code, markdown
from launchready.report.openapi import render_openapi
from launchready.report.paint import Paint, clean
from launchready.report.surface_html import render_html

SURFACE_FORMATS = ("terminal", "json", "markdown", "html", "openapi")
_COLOURS = {AccessVerdict.GUARDED: "green", AccessVerdict.OPEN: "red", AccessVerdict.UNKNOWN: "yellow"}


def render_surface(surface: Surface, form: str, name: str, paint: Paint | None = None) -> str:
    """The surface in one of ``SURFACE_FORMATS``."""
    if form == "json":
        # Indented by msgspec: json's own encoder is twenty times slower when it has to indent.
        return msgspec.json.format(json.dumps(surface_json(surface), ensure_ascii=False), indent=2) + "\n"
    if form == "markdown":
        return _markdown(surface, name)
    if form == "html":
        return render_html(surface, name)
    if form == "openapi":
        return render_openapi(surface, name)
    return _terminal(surface, name, paint or Paint.here())


def surface_json(surface: Surface) -> dict[str, object]:
    """The published contract, schema 1."""
    return {
        "schema": 1,
        "endpoints": [_endpoint(endpoint) for endpoint in surface.endpoints],
        "data": [
            {
                "name": d.name,
                "kind": d.kind,
                "access": {"verdict": d.access.verdict},
                "by": d.by,
                "source": _span(d.source),
            }
            for d in surface.data
        ],
        "integrations": [
            {
                "name": i.name,
                "kind": i.kind,
                "evidence": [_span(span) for span in i.evidence],
                "verify": list(i.verify),
            }
            for i in surface.integrations
        ],
        "frameworks": [
            {"name": f.name, "version": f.version, "endpoints": f.endpoints, "files": f.files}
            for f in surface.frameworks
        ],
        "roles": list(surface.roles),
        "unread": [{"file": u.file, "reason": u.reason} for u in surface.unread],
        "files_read": surface.files_read,
    }


def _endpoint(endpoint: Endpoint) -> dict[str, object]:
    access = endpoint.access
    return {
        "method": endpoint.method,
        "path": endpoint.path,
        "framework": endpoint.framework,
        "kind": list(endpoint.kind),
        "action": endpoint.action,
        "access": {
            "verdict": access.verdict,
            "how": access.how,
            "roles": list(access.roles),
            "tenant": access.tenant or None,
            "guarded_when": access.guarded_when,
            "evidence": [_span(span) for span in access.evidence],
        },
        "inputs": [_input(given) for given in endpoint.inputs],
        "source": {"file": endpoint.source.file, "line": endpoint.source.line},
        "confidence": endpoint.confidence,
        "seen_in": list(endpoint.seen_in),
        "only_when": endpoint.only_when,
    }


def _input(given: Input) -> dict[str, object]:
    sample = given.sample
    return {
        "name": given.name,
        "in": given.where,
        "type": given.type,
        "required": given.required,
        "sample": {"text": sample.text, "said": _span(sample.said)} if sample else None,
    }


def _span(span: Span) -> dict[str, object]:
    return {"file": span.file, "line": span.line, "what": span.what}


def _who(endpoint: Endpoint) -> str:
    access = endpoint.access
    if access.guarded_when:
        return f"guarded only when {access.guarded_when}"
    if access.verdict is not AccessVerdict.GUARDED:
        return access.verdict.value
    if access.by_data:
        return access.data
    who = ", ".join(access.roles) if access.roles else access.how
    return f"{who} of {access.tenant}" if access.tenant else who


def _terminal(surface: Surface, name: str, paint: Paint) -> str:
    counts = {verdict: sum(e.access.verdict is verdict for e in surface.endpoints) for verdict in AccessVerdict}
    lines = [
        clean(f"{name} · {len(surface.endpoints)} endpoints · ") + ", ".join(f"{n} {v}" for v, n in counts.items()),
        "",
    ]
    width = min(60, max((len(e.path) for e in surface.endpoints), default=10))
    for endpoint in surface.endpoints:
        who = _who(endpoint)
        kinds = ",".join(kind for kind in endpoint.kind if kind != "other")
        row = f"  {endpoint.method:<7}{clean(endpoint.path):<{width}}  {endpoint.action:<5}  "
        place = f"  {clean(endpoint.source.file)}:{endpoint.source.line}"
        lines.append(
            row + paint(f"{clean(who):<18}", _COLOURS[endpoint.access.verdict]) + f" {kinds:<14}" + paint(place, "dim")
        )
        if endpoint.only_when:
            lines.append(paint(clean(f"         only when {endpoint.only_when}"), "dim"))
    for framework in surface.frameworks:
        if not framework.endpoints:
            lines.append(f"  {framework.name}: recognised, its routes are not read")
    if surface.integrations:
        talks = ", ".join(f"{one.name} ({one.kind})" for one in surface.integrations)
        lines += ["", *paint.fold(f"Third parties: {talks}", "  ", "  ")]
    for unread in surface.unread[:20]:
        lines.append(clean(f"  not understood: {unread.file}: {unread.reason}"))
    if counts[AccessVerdict.UNKNOWN]:
        lines += [
            "",
            *paint.fold(
                "unknown: something on the way could not be followed. A person must look; it is not safe until then.",
                "  ",
            ),
        ]
    return paint.finish(lines)


def _markdown(surface: Surface, name: str) -> str:
    rows = ["| method | path | action | who may call it | kind | source |", "|---|---|---|---|---|---|"]
    for e in surface.endpoints:
        who = markdown(_who(e)) + (f" (only when {code(e.only_when)})" if e.only_when else "")
        place = f"{e.source.file}:{e.source.line}"
        rows.append(
            f"| {markdown(e.method)} | {code(e.path)} | {e.action} | {who} | {markdown(', '.join(e.kind))} | {markdown(place)} |"
        )
    return f"# Surface of {markdown(name)}\n\n" + "\n".join(rows) + "\n"
