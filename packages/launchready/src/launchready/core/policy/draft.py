"""The first policy.toml of an app: every row says where it comes from, and what a person still has to decide."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from launchready_guard.policy import Row

from launchready.core.policy.groups import grouped
from launchready.core.policy.guess import Drafted, Grounds, tenant_of
from launchready.core.policy.limits import suggested
from launchready.model.surface import Span, Surface
from launchready.model.words import Kind

_MANY, _LETTERS = 5, 9
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LOCAL = re.compile(r"//(?:localhost|127\.|0\.0\.0\.0|\[::1\]|[\w.-]+\.local(?:host)?(?:[:/]|$))")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy is drafted of. ``origins`` are CORS origins read in source; ``site`` the app's own address, if it is known."""

    name: str
    surface: Surface
    grounds: Grounds
    rows: tuple[Drafted, ...]
    origins: tuple[Span, ...] = ()
    credentials: bool = False
    site: str = ""


def draft_text(subject: Subject) -> str:
    """The file as text, the same for the same subject."""
    shared = _shared(subject.rows)
    parts = [
        _head(subject, shared),
        _roles(subject),
        _tenant(subject),
        suggested({row.row.kind for row in subject.rows}),
        _cors(subject),
        _rows(subject.rows, shared),
        _left_out(subject),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def block(drafted: Drafted, note: str = "") -> list[str]:
    """One row with its comment, as lines."""
    place = comment(f"{note}{drafted.place} · {drafted.reason}")
    return [*place, *row_lines(drafted.row)]


def row_lines(row: Row) -> list[str]:
    """One ``[[endpoint]]`` as lines."""
    lines = ["[[endpoint]]", f"route = {toml(row.route)}", f"allow = {toml(row.allow)}"]
    if row.own:
        lines.append(f"own = {toml(row.own)}")
    if row.tenant:
        lines.append("tenant = true")
    if row.kind != Kind.OTHER.value:
        lines.append(f"kind = {toml(row.kind)}")
    if row.signature:
        lines.append(f"signature = {toml(row.signature)}")
    if row.review:
        lines.append("review = true")
    return lines


def comment(text: str) -> list[str]:
    """A text as comment lines of at most 140 characters; what an app's source holds cannot end them."""
    words, lines = _UNSHOWN.sub(" ", text).split(), ["#"]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > 140 and lines[-1] not in ("#", "#  "):
            lines.append("#  ")
        lines[-1] += " " + word
    return lines


def toml(value: str | Iterable[str]) -> str:
    """A text or a list of texts in TOML. JSON's strings are TOML's once what neither shows is escaped."""
    if not isinstance(value, str):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return _UNSHOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _head(subject: Subject, shared: Mapping[str, str]) -> list[str]:
    count, asks = len(subject.rows), sum(row.row.review for row in subject.rows)
    lines = [
        *comment(f"Who may call what in {subject.name}. Drafted from the source; it counts once a person has read it."),
        "#",
        "# How to review it:",
        "#  1. Roles: is the order right, from the least to the mightiest?",
    ]
    if asks:
        lines += [
            f"#  2. Search for `review = true`: {asks} of {count} rows. The comment above each asks one thing. Put the row right and take",
            "#     the line `review = true` out. Until then the row decides nothing.",
            "#     Whose records? A row without own and tenant gives its roles every record there is. Add own = [the roles that reach only",
            "#     their own], or tenant = true for those of the caller's workspace.",
        ]
    else:
        lines.append(f"#  2. Read the rows, {count} in all: none was left open.")
    for doubt, letter in shared.items():
        rows = sum(row.doubt == doubt for row in subject.rows)
        said = f"({letter}) {rows} rows wait for one answer: {doubt}. Does that keep strangers out?"
        lines += [f"#     {line.removeprefix('#').strip()}" for line in comment(said)]
    return [
        *lines,
        "#  3. Limits and CORS: they are suggestions where the comment says so.",
        "#  4. `launchready policy check` compares this file with the code, here and in CI; `launchready policy show` is the whole matrix.",
        "#",
        '# allow: these roles may call it, "guest" means everybody · own: these reach only records of their own · tenant: only inside the',
        "# caller's workspace. A route without a row is allowed to nobody.",
    ]


def _shared(rows: Sequence[Drafted]) -> dict[str, str]:
    """What makes many rows unsure at once, with the letter that stands for it: said once, it is answered once."""
    counts = Counter(row.doubt for row in rows if row.doubt)
    return {
        doubt: chr(ord("a") + at) for at, (doubt, count) in enumerate(counts.most_common(_LETTERS)) if count >= _MANY
    }


def _roles(subject: Subject) -> list[str]:
    roles = subject.grounds.roles
    lines = ["[roles]"]
    for role in roles.signed_in:
        lines += comment(f"{role}: {_where(role, subject)}")
    return [*lines, f"order = {toml(roles.order)}"]


def _where(role: str, subject: Subject) -> str:
    for endpoint in subject.surface.endpoints:
        if role in endpoint.access.roles:
            span = next((one for one in endpoint.access.evidence if one.file), endpoint.source)
            return f"{span.file}:{span.line}"
    if role not in subject.grounds.roles.added:
        return "an identity of launchready.toml, or what accounts of the running app were called"
    if role == subject.grounds.roles.high[-1]:
        return "no source names it; addresses of the administration need somebody"
    return "no source names it; it stands for whoever is signed in. Write the word that accounts of yours carry in its place"


def _tenant(subject: Subject) -> list[str]:
    places: Counter[str] = Counter()
    for row in subject.rows:
        name = tenant_of(row.endpoint) if row.row.tenant else ""
        if name:
            where = next((given.where for given in row.endpoint.inputs if given.name == name), "path")
            where = "path" if f"{{{name}}}" in row.endpoint.path else {"form": "body", "file": "body"}.get(where, where)
            places[f"{where}:{name}"] += 1
    bound = sum(row.row.tenant for row in subject.rows)
    if not bound:
        return []
    names = [place for place, _ in sorted(places.items(), key=lambda item: (-item[1], item[0]))]
    claim = re.sub(r"_?(?:id|slug|uuid|pk|key)$", "", names[0].partition(":")[2], flags=re.I) if names else "workspace"
    return [
        "[tenant]",
        *comment(f"{bound} rows are bound to the caller's {claim}."),
        f"claim = {toml(claim)}  # suggestion: where the session or token says which {_UNSHOWN.sub('', claim)} the caller is of",
        *([f"param = {toml(names)}"] if names else []),
    ]


def _cors(subject: Subject) -> list[str]:
    named = [span for span in subject.origins if span.what != "*" and not _LOCAL.search(span.what)]
    lines = ["[cors]"]
    for span in named:
        lines += comment(f"{span.what}: {span.file}:{span.line}")
    for span in subject.origins:
        if span.what == "*":
            lines += comment(f"{span.file}:{span.line} lets every website read the answers. Name those that need to.")
        elif _LOCAL.search(span.what):
            lines += comment(f"{span.what} ({span.file}:{span.line}) is a developer's machine, and was left out.")
    found = [span.what for span in named] or ([subject.site] if subject.site else [])
    if not named:
        lines += comment(
            "suggestion: the app's own address, from launchready.toml"
            if subject.site
            else 'The source names no website. When pages and API share one address, leave it empty; else origins = ["https://app.example.com"].'
        )
    lines.append(f"origins = {toml(found)}")
    if found and subject.credentials:
        lines.append("credentials = true")
    return lines


def _rows(rows: Sequence[Drafted], shared: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for title, members in grouped(rows):
        asks = sum(row.row.review for row in members)
        said = f"{len(members)} {'row' if len(members) == 1 else 'rows'}" + (f", {asks} to review" if asks else "")
        lines += ["", *comment(f"──── {title} · {said} ────")]
        before = ""
        for row in members:
            said = row.reason.replace(row.doubt, f"({shared[row.doubt]}) above") if row.doubt in shared else row.reason
            lines += ["", *block(replace(row, reason="as above" if said == before and row.row.review else said))]
            before = said
    return lines[1:]


def _left_out(subject: Subject) -> list[str]:
    hosted = sum(endpoint.hosted for endpoint in subject.surface.endpoints)
    lines: list[str] = []
    if hosted:
        lines += comment(
            f"{hosted} ways in have no row: a data service answers them at its own address, by its own rules (`launchready surface`)."
        )
    for name in [f.name for f in subject.surface.frameworks if not f.endpoints]:
        lines += comment(f"{name} is used, but its routes are not read: add its rows by hand.")
    return lines
