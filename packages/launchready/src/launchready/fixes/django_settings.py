"""The guard in the settings of a Django project."""

import posixpath
import re

from launchready_guard.policy import GUEST, Policy
from tree_sitter import Node

from launchready.fixes.apps import App
from launchready.fixes.identify import stub
from launchready.fixes.manifests import needs
from launchready.fixes.naming import beside, dotted, free
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
    told = _told(subject, work, app, policy)
    setting = (
        "LAUNCHREADY_GUARD = {" + ", ".join(f"{source.quoted(k)}: {source.quoted(v)}" for k, v in told.items()) + "}"
    )
    if after is None or last is None or "BASE_DIR" not in source.raw.decode("utf-8"):
        work.hand(
            app.file,
            "The lists of middleware and apps were not understood.",
            f'"{_APP}",  # in INSTALLED_APPS',
            f'"{_APP}.GuardMiddleware",  # in MIDDLEWARE, right after AuthenticationMiddleware',
            setting,
        )
        return
    edits = [_one_more(source, last, _APP), _one_more(source, after, f"{_APP}.GuardMiddleware")]
    if told:
        end = len(source.raw)
        edits.append((end, end, ("" if source.raw.endswith(b"\n") else "\n") + f"\n{setting}\n"))
    why = f"The guard lets through what the {len(policy.rows)} reviewed rows of {subject.policy_file} allow, and nothing else."
    work.put(app.file, source.edited(*edits), f"{why} Whose groups are which roles: docs/fix.md.")
    if any(row.tenant for row in policy.rows):
        work.hand(
            app.file,
            "Rows bind to a workspace, and Django's user names none.",
            'LAUNCHREADY_GUARD["tenants"] = "the dotted name of a function: user -> its workspaces"',
        )
    needs(subject, work, policy, app.file)


def _told(subject: Subject, work: Work, app: App, policy: Policy) -> dict[str, str]:
    """What the guard cannot know by itself: where the policy is, what those who are signed in are called, and who calls beside the session."""
    told: dict[str, str] = {}
    manage = next((one.path for one in subject.tree.named("manage.py")), "manage.py")
    at = posixpath.relpath(subject.policy_file, posixpath.dirname(manage) or ".")
    if at != "policy.toml":
        told["policy"] = at
    signed_in = next((role for role in policy.roles if role != GUEST), "member")
    if signed_in != "member":
        told["role"] = signed_in
    if any(_TOKENS.search(work.text(path) or "") for path in subject.python):
        name = free(work, app.file, "identity")
        who = stub(subject, work, policy)
        work.put(beside(app.file, name), who.body, f"{who.asks}: the function raises until a person has written it.")
        work.hand(
            beside(app.file, name),
            "The API takes tokens, which Django's own sign-in does not see. Write the lines the comment there asks for.",
        )
        told["identify"] = f"{dotted(subject, beside(app.file, name), app.file)}.identify"
    return told


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
