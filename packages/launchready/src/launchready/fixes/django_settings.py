"""The guard in the settings of a Django project."""

import posixpath
import re

from launchready_guard.policy import GUEST, Policy
from tree_sitter import Node

from launchready.fixes.apps import App
from launchready.fixes.identify import stub
from launchready.fixes.imports import add_imports
from launchready.fixes.manifests import needs
from launchready.fixes.naming import beside, dotted, free, seen_from
from launchready.fixes.python import Source
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.sources.facts.nodes import text_of

_APP = "launchready_guard.frameworks.django"
_AFTER = "django.contrib.auth.middleware.AuthenticationMiddleware"
# Classes of Django REST framework that take tokens.
_TOKENS = re.compile(
    r"\b(?:TokenAuthentication|JWTAuthentication|BaseAuthentication|JSONWebTokenAuthentication|OAuth2Authentication)\b"
)


def add_to_settings(subject: Subject, work: Work, app: App, policy: Policy) -> None:
    """Middleware and app of the guard, in the lists of the settings."""
    source = Source(work.text(app.file) or "")
    after = _entry(source, "MIDDLEWARE", _AFTER)
    last = _entry(source, "INSTALLED_APPS", "")
    if after is None or last is None:
        work.hand(
            app.file,
            "The lists of middleware and apps were not understood.",
            f'"{_APP}",  # in INSTALLED_APPS',
            f'"{_APP}.GuardMiddleware",  # in MIDDLEWARE, right after AuthenticationMiddleware',
            'LAUNCHREADY_GUARD = {"policy": "policy.toml"}  # as seen from BASE_DIR',
        )
        return
    told = _told(subject, work, app, policy, source)
    edits = [_one_more(source, last, _APP), _one_more(source, after, f"{_APP}.GuardMiddleware")]
    if told:
        setting = ", ".join(f"{source.quoted(name)}: {said}" for name, said in told.items())
        end = len(source.raw)
        edits.append(
            (end, end, ("" if source.raw.endswith(b"\n") else "\n") + f"\nLAUNCHREADY_GUARD = {{{setting}}}\n")
        )
    text = source.edited(*edits)
    why = f"The guard lets through what the {len(policy.rows)} reviewed rows of {subject.policy_file} allow, and nothing else."
    work.put(
        app.file,
        add_imports(text, "from pathlib import Path") if "Path(" in told.get("policy", "") else text,
        f"{why} Roles are the names of groups, {_everybody(policy)} for everybody signed in, staff and admin.",
    )
    if any(row.tenant for row in policy.rows):
        work.hand(
            app.file,
            "Rows bind to a workspace, and Django's user names none.",
            'LAUNCHREADY_GUARD = {…, "tenants": "the dotted name of a function: user -> its workspaces"}',
        )
    needs(subject, work, policy, app.file)


def _everybody(policy: Policy) -> str:
    """The role of everybody who is signed in: the least of the policy."""
    return next((role for role in policy.roles if role != GUEST), "member")


def _told(subject: Subject, work: Work, app: App, policy: Policy, source: Source) -> dict[str, str]:
    """What the guard cannot know by itself, as code: where the policy is, what those who are signed in are called, and who calls beside
    the session."""
    told: dict[str, str] = {}
    if _base(source, app.file) != posixpath.dirname(subject.policy_file) or not subject.policy_file.endswith(
        "policy.toml"
    ):
        told["policy"] = seen_from(subject, app.file)
    if _everybody(policy) != "member":
        told["role"] = source.quoted(_everybody(policy))
    if any(_TOKENS.search(work.text(path) or "") for path in subject.python):
        name = free(work, app.file, "identity")
        who = stub(subject, work, policy)
        work.put(beside(app.file, name), who.body, f"{who.asks}: the function raises until a person has written it.")
        work.hand(
            beside(app.file, name),
            "The API takes tokens, which Django's own sign-in does not see. Write the lines the comment there asks for.",
        )
        told["identify"] = source.quoted(f"{dotted(subject, beside(app.file, name), app.file)}.identify")
    return told


def _base(source: Source, file: str) -> str | None:
    """The folder that ``BASE_DIR`` is, by how many folders it goes up from its own file; None when it says so in no way we know."""
    found = [node.child_by_field_name("right") for node in source.assigned("BASE_DIR")]
    text = text_of(found[0]) if len(found) == 1 and found[0] is not None else ""
    named = re.search(r"\.parents\[(\d+)\]$", text)
    up = int(named[1]) + 1 if named else len(re.findall(r"\.parent\b|\bdirname\(", text))
    if "__file__" not in text or not up or ".." in text:
        return None
    parts = file.split("/")
    return "/".join(parts[:-up]) if up <= len(parts) else None


def _entry(source: Source, name: str, wanted: str) -> Node | None:
    """The entry of a list of settings that holds a text, the last one for an empty text."""
    lists = [node.child_by_field_name("right") for node in source.assigned(name) if source.scope(node) is None]
    if len(lists) != 1 or lists[0] is None or lists[0].type not in ("list", "tuple"):
        return None
    return next(
        (one for one in reversed(lists[0].named_children) if one.type == "string" and wanted in text_of(one)), None
    )


def _one_more(source: Source, after: Node, text: str) -> tuple[int, int, str]:
    """The edit that puts a text behind an entry, on a line of its own where entries have theirs."""
    margin = source.margin(after)
    said = f" {source.quoted(text)}" if margin.strip() else f"\n{margin}{source.quoted(text)}"
    rest = source.raw[after.end_byte :]
    if rest.lstrip().startswith(b","):
        at = after.end_byte + rest.index(b",") + 1
        return at, at, f"{said},"
    return after.end_byte, after.end_byte, f",{said}"
