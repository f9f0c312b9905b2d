"""Writes a first launchready.toml from what was found, with every line explained."""

import json
import re
import textwrap
from dataclasses import dataclass

# What TOML allows nowhere in a comment, and bytes of a file's name that are no UTF-8: names of files may hold both.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_MOST_NAMES = 60
_COLUMN = 36


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that a file of the repository tells of; ``url`` is empty when the file does not state it."""

    name: str
    url: str
    file: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What `launchready init` could see. ``url`` is where the app probably answers on this machine."""

    name: str
    frameworks: tuple[str, ...]
    endpoints: int
    roles: tuple[str, ...]
    env_names: tuple[str, ...]
    env_files: tuple[str, ...]
    url: str
    places: tuple[Place, ...]
    logs: tuple[str, ...]
    mail: tuple[str, ...]
    version_path: str


def draft_text(draft: Draft) -> str:
    """The text of a commented launchready.toml. What we saw is filled in, what we need is a commented line."""
    seen = ", ".join(draft.frameworks) or "no framework we know"
    roles = draft.roles or ("member", "admin")
    lines = [
        "# What Launch Ready knows about your app. Read it once, correct it, keep it in Git: it holds no secret.",
        f"# Found in the source: {_said(seen)}; {draft.endpoints} {'endpoint' if draft.endpoints == 1 else 'endpoints'}"
        + (f"; roles {_said(', '.join(draft.roles))}." if draft.roles else "; no role names."),
        "",
        "[project]",
        f"name = {_text(draft.name)}",
        _line('source = ["."]', "folders to read, relative to this file"),
        _line('policy = "policy.toml"', "who may do what, once you have one"),
        _line(f"logs = {_list(draft.logs)}", "log files to search for leaked tokens and personal data"),
        "",
        "# Where the app runs. Loopback may be probed freely; any other host needs proof that it is yours.",
        "[environments.local]",
        f"url = {_text(draft.url)}",
        _line("writes = true", "we may create and delete our own test data here"),
        _line(f"version = {_text(draft.version_path)}", "where the app says which commit it runs"),
        "",
        *_places(draft.places),
        "# Who can sign in. Passwords are never written here: name the environment variable that holds them.",
    ]
    for index, role in enumerate(roles):
        person = ("alice", "bob", "carol", "dan", "erin", "frank")[index % 6] + ("" if index < 6 else str(index))
        lines += [
            f"# [identities.{person}]",
            f"# role = {_text(role)}",
            _line('# tenant = "north"', "the workspace or organization this person belongs to"),
            f'# username = "{person}@example.com"',
            f'# password = {{ env = "LR_{person.upper()}" }}',
        ]
    lines += [
        "",
        "[domains]",
        _line('# root = "example.com"', "for DNS, mail and edge checks"),
        _line('# canonical = "app.example.com"', "the one address users should end up at"),
        _line('# edge = "cloudflare"', 'what stands in front of the app: "cloudflare", "other" or "none"'),
        _line(f"{'' if draft.mail else '# '}mail = {_list(draft.mail or ('postmark',))}", "who sends your mail"),
        "",
        "# [owners]",
        '# uptime = "Dana <dana@example.com>"',
        '# alerts = ["slack:#ops", "email:dana@example.com"]',
        "",
        _line("# [owners.attest]", "what only a person can confirm"),
        '# HAND-9 = "Dana, 2027-01-15: rollback tried on staging"',
        "",
        "# An accepted risk. All five keys are required; past its date it counts again.",
        "# [[waivers]]",
        '# check = "LR102"',
        '# target = "GET /legacy"',
        '# reason = "shows public offers only, retired in January"',
        '# owner = "Dana"',
        "# expires = 2027-01-31",
    ]
    if draft.env_names:
        rest = len(draft.env_names) - _MOST_NAMES
        names = ", ".join(draft.env_names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
        lines += ["", *_comment("Environment variables the source reads: " + names)]
    if draft.env_files:
        lines += _comment("Environment files found: " + ", ".join(draft.env_files))
    return "\n".join(lines) + "\n"


def _places(places: tuple[Place, ...]) -> list[str]:
    lines: list[str] = []
    for place in places:
        known = place.url or f"https://{place.name}.example.com"
        lines += [
            f"[environments.{place.name}]",
            _line(f"{'' if place.url else '# '}url = {_text(known)}", f"seen in {_said(place.file)}"),
            "",
        ]
    if not any(place.name == "production" for place in places):
        lines += ["# [environments.production]", '# url = "https://app.example.com"']
    else:
        lines.pop()
    return [*lines, ""]


def _line(code: str, comment: str) -> str:
    return f"{code:<{_COLUMN - 1}} # {comment}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(_said(text), 110, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)


def _said(text: str) -> str:
    """A text of the source in a comment, on its line."""
    return _UNWRITABLE.sub("\ufffd", text)


def _text(value: str) -> str:
    # JSON strings are TOML basic strings once the one character TOML also forbids is escaped, and half a character is none.
    said = value.encode("utf-8", "replace").decode()
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
