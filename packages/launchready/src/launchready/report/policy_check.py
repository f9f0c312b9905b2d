"""Where policy and code differ, for a person, for a pull request and for tools."""

import json
from collections.abc import Sequence

from launchready.core.policy.compare import Difference, Sort
from launchready.report.escaped import code, markdown
from launchready.report.paint import Paint, clean, clean_lines

_TITLES = {
    Sort.CODE_WEAKER: ("the code lets in more than the policy", "mend the code"),
    Sort.POLICY_WEAKER: ("the policy lets in more than the code", "write into the row"),
    Sort.UNLISTED: ("in the code, not in the policy", "add"),
    Sort.GONE: ("in the policy, not in the code", "take out"),
    Sort.REVIEW: ("not reviewed", "look, then take review = true out"),
}
_REVIEWS = 15


def render_differences(differences: Sequence[Difference], form: str, name: str, routes: int, path: str) -> str:
    """The differences as ``text``, ``json`` or ``markdown``. ``routes`` counts the ways in of the code."""
    if form == "json":
        return _json(differences, name, routes)
    if form == "markdown":
        return _markdown(differences, name, routes)
    return _text(differences, name, routes, path, Paint.here())


def _said(differences: Sequence[Difference], routes: int) -> str:
    counts = [(sort, sum(one.sort is sort for one in differences)) for sort in Sort]
    parts = [f"{count} {_TITLES[sort][0]}" for sort, count in counts if count]
    return f"{routes} routes · " + (" · ".join(parts) or "policy and code agree")


def _text(differences: Sequence[Difference], name: str, routes: int, path: str, paint: Paint) -> str:
    lines = paint.fold(f"{name} · {_said(differences, routes)}", "  ", "")
    for sort in Sort:
        found = [one for one in differences if one.sort is sort]
        if not found:
            continue
        if sort is Sort.REVIEW:
            found.sort(key=lambda one: one.said)
        colour = "red" if sort is Sort.CODE_WEAKER else "yellow"
        lines += ["", paint(f"  {_TITLES[sort][0].capitalize()}: {_TITLES[sort][1]}", "bold", colour)]
        shown = found[:_REVIEWS] if sort is Sort.REVIEW else found
        before = ""
        width = max(len(clean(one.route)) for one in shown)
        narrow = any(9 + width + len(clean(one.said)) + len(clean(one.place)) > paint.width for one in shown)
        for one in shown:
            lines += _one(one, paint, 0 if narrow else width, said=one.said != before)
            before = one.said
        if len(found) > len(shown):
            lines.append(f"    … and {len(found) - len(shown)} more: search for review = true")
    if any(one.sort in (Sort.UNLISTED, Sort.GONE) for one in differences):
        lines += [
            "",
            *paint.fold(f"launchready policy draft --force adds the missing rows to {path}.", "         ", "  Next   "),
        ]
    return paint.finish(lines)


def _one(one: Difference, paint: Paint, width: int, *, said: bool) -> list[str]:
    """One difference: on one line when there is room for it in ``width``, the reason of several reviews said once."""
    route, what = clean(one.route), clean(one.said)
    place = paint(f"   {clean(one.place)}", "dim") if one.place else ""
    if one.sort is Sort.REVIEW:
        return [*(paint.fold(what, "    ") if said else ()), f"      {route}{place}"]
    if one.sort in (Sort.UNLISTED, Sort.GONE):
        lines = [f"    {route}{place}"]
    elif width:
        lines = [f"    {route:<{width}}  {what}{place}"]
    else:
        lines = [f"    {route}{place}", *paint.fold(what, "        ")]
    return [*lines, *(f"        {text}" for text in clean_lines(one.write).split("\n") if text)]


def _json(differences: Sequence[Difference], name: str, routes: int) -> str:
    document = {
        "schema": 1,
        "project": name,
        "routes": routes,
        "agrees": not differences,
        "counts": {sort.value: sum(one.sort is sort for one in differences) for sort in Sort},
        "differences": [
            {"sort": one.sort.value, "route": one.route, "said": one.said, "place": one.place, "write": one.write}
            for one in differences
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _markdown(differences: Sequence[Difference], name: str, routes: int) -> str:
    lines = [f"### Policy of {markdown(name)}", "", markdown(_said(differences, routes))]
    for sort in Sort:
        found = [one for one in differences if one.sort is sort]
        if found:
            lines += ["", f"**{_TITLES[sort][0].capitalize()}**", "", "| route | what | place |", "|---|---|---|"]
            lines += [f"| {code(one.route)} | {markdown(one.said)} | {code(one.place)} |" for one in found]
        written = [clean_lines(one.write) for one in found if one.write and sort is not Sort.REVIEW]
        if written and sort is Sort.UNLISTED:
            lines += ["", "```toml", "\n\n".join(text.replace("```", "'''") for text in written), "```"]
    return "\n".join(lines) + "\n"
