"""secrets: keys out of the source, into the environment."""

import re

from tree_sitter import Node

from launchready.fixes.fix import Fix
from launchready.fixes.imports import add_imports
from launchready.fixes.python import Source, arguments, callee, keyword, literal
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.sources.envnames import env_names
from launchready.sources.facts.nodes import line_of, text_of
from launchready.sources.secrets.detector import Hit
from launchready.sources.secrets.env_files import is_env_file

_ROTATE = "Whoever has seen the source has the old value: make a new one at its provider and revoke the old."
_EXAMPLE, _IGNORE = ".env.example", ".gitignore"
_READS = ("os.getenv", "os.environ.get", "getenv", "environ.get")
_CONFIGS = ("config", "env", "env.str")
_SETTINGS = re.compile(r"\bBaseSettings\b")
_NAME = re.compile(r"[A-Za-z_]\w*")
_IGNORED = (".env", ".env.*", "!.env.example")


def propose(subject: Subject, work: Work) -> None:
    """Read each key that stands in the source from the environment instead."""
    names: dict[str, str] = {}
    for path in dict.fromkeys(one.path for one in subject.secrets if one.real):
        hits = [one.hit for one in subject.secrets if one.path == path and one.hit.tier != "weak"]
        if is_env_file(path):
            work.hand(
                path,
                f"It holds real values and is in Git, or would be with the next commit. {_ROTATE}",
                f"git rm --cached {path}",
            )
        elif path.endswith(".py"):
            _python(work, path, hits, names)
        else:
            for hit in hits:
                work.hand(f"{path}:{hit.line}", f"{hit.what} stands here. Read it from the environment. {_ROTATE}")
    if not names and not any(is_env_file(one.path) for one in subject.secrets):
        return
    _ignore(subject, work)
    _example(subject, work, names)


def _python(work: Work, path: str, hits: list[Hit], names: dict[str, str]) -> None:
    source = Source(work.text(path) or "")
    edits: list[tuple[int, int, str]] = []
    found: list[str] = []
    bare = False
    for hit in hits:
        nodes = [node for node in source.nodes("string") if hit.value in (literal(node) or "")]
        for node in nodes:
            place = f"{path}:{line_of(node)}"
            name = _name(node)
            known = names.get(name, hit.value)
            if not name or known != hit.value or not _whole(node, hit.value):
                work.hand(
                    place, f"{hit.what} stands here, and the place was not understood. {_ROTATE}", 'os.environ["NAME"]'
                )
                continue
            names[name] = hit.value
            found.append(name)
            edit = _edit(source, node, name)
            bare = bare or "os.environ" in edit[2]
            edits.append(edit)
        if not nodes:
            work.hand(
                f"{path}:{hit.line}",
                f"{hit.what} stands here, in no string that was understood. {_ROTATE}",
                'os.environ["NAME"]',
            )
    if not edits:
        return
    text = source.edited(*edits)
    told = ", ".join(dict.fromkeys(found))
    work.put(
        path,
        add_imports(text, "import os") if bare else text,
        f"{told} {'come' if len(set(found)) > 1 else 'comes'} from the environment, and the app does not start without. {_ROTATE}",
    )


def _whole(node: Node, value: str) -> bool:
    """Whether a string is the secret and nothing else, or an address with the secret as its password."""
    text = literal(node) or ""
    return (
        text == value
        or bool(re.match(rf"[a-z][a-z0-9+.-]*://[^/@]*{re.escape(value)}[^/@]*@", text))
        or (value.startswith(text[:8]) and bool(re.match(r"[a-z][a-z0-9+.-]*://[^/@]*@", text)))
    )


def _edit(source: Source, node: Node, name: str) -> tuple[int, int, str]:
    """What takes the place of a literal: a look into the environment, in the way the file does it already where it does."""
    call = _around(node)
    if call is not None and callee(call) in _READS and literal(arguments(call)[0]):
        return call.start_byte, call.end_byte, f"os.environ[{source.quoted(literal(arguments(call)[0]) or name)}]"
    if call is not None and callee(call) in _CONFIGS:
        # python-decouple and django-environ stop by themselves when there is no default.
        first = arguments(call)[0]
        return call.start_byte, call.end_byte, f"{callee(call)}({text_of(first)})"
    above = node.parent
    if (
        above is not None
        and above.type == "assignment"
        and above.child_by_field_name("type")
        and _is_settings(source, above)
    ):
        kind = above.child_by_field_name("type")
        assert kind is not None
        return kind.end_byte, node.end_byte, ""
    return node.start_byte, node.end_byte, f"os.environ[{source.quoted(name)}]"


def _is_settings(source: Source, node: Node) -> bool:
    """Whether an assignment is a field of pydantic's settings, which are read from the environment anyway."""
    scope = source.scope(node)
    bases = (
        scope.child_by_field_name("superclasses") if scope is not None and scope.type == "class_definition" else None
    )
    return bases is not None and bool(_SETTINGS.search(text_of(bases)))


def _around(node: Node) -> Node | None:
    """The call a literal is the default of: ``os.getenv("KEY", "…")`` or ``config("KEY", default="…")``."""
    above = node.parent
    if above is not None and above.type == "keyword_argument":
        above = above.parent
    call = above.parent if above is not None and above.type == "argument_list" else None
    if call is None or call.type != "call":
        return None
    given = arguments(call)
    default = keyword(call, "default") or (given[1] if len(given) == 2 else None)
    return call if default == node and literal(given[0] if given else None) else None


def _name(node: Node) -> str:
    """The name of the variable: of what the literal is bound to; empty when it is bound to nothing with a name."""
    call = _around(node)
    if call is not None:
        return literal(arguments(call)[0]) or ""
    above = node.parent
    if above is None:
        return ""
    said = ""
    if above.type == "assignment" and above.child_by_field_name("right") == node:
        left = above.child_by_field_name("left")
        said = _target(left) if left is not None else ""
    elif above.type in ("keyword_argument", "default_parameter", "typed_default_parameter"):
        named = above.child_by_field_name("name")
        said = text_of(named) if named is not None else ""
        given = above.parent
        owner = given.parent if given is not None and given.type == "argument_list" else None
        if owner is not None and said.lower() in ("key", "token", "secret", "password", "api_key", "secret_key"):
            said = f"{callee(owner).rsplit('.', 1)[-1]}_{said}" if said.lower() != "secret_key" else said
    elif above.type == "pair" and above.child_by_field_name("value") == node:
        said = literal(above.child_by_field_name("key")) or ""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", said).replace("-", "_").upper().strip("_")
    return name if _NAME.fullmatch(name) else ""


def _target(left: Node) -> str:
    if left.type == "identifier":
        return text_of(left)
    if left.type == "attribute":
        words = text_of(left).split(".")
        # stripe.api_key is Stripe's; app.secret_key and self.token are nobody's in particular.
        return "_".join(words[-1:] if words[0] in ("app", "self", "cls", "application") else words[-2:])
    if left.type == "subscript":
        return literal(left.child_by_field_name("subscript")) or ""
    return ""


def _ignore(subject: Subject, work: Work) -> None:
    text = work.text(_IGNORE)
    if text is None and (work.exists(_IGNORE) or subject.repository is None):
        return
    said = {line.strip().lstrip("/") for line in (text or "").splitlines()}
    missing = [line for line in _IGNORED if line not in said]
    if missing[:1] == [".env"] or ".env.*" in missing:
        work.put(_IGNORE, _appended(text or "", missing), "Files with real values stay out of Git.")


def _example(subject: Subject, work: Work, names: dict[str, str]) -> None:
    text = work.text(_EXAMPLE)
    if text is None and work.exists(_EXAMPLE):
        return
    read = {one.name for one in env_names(subject.tree)} if text is None else set()
    said = set(re.findall(r"^\s*#?\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", text or "", re.M))
    missing = [f"{name}=" for name in dict.fromkeys((*names, *sorted(read))) if name not in said]
    if not missing:
        return
    head = (
        text
        if text is not None
        else "# Copy to .env and fill in. Production has its values where it runs, and nowhere else.\n"
    )
    work.put(_EXAMPLE, _appended(head, missing), "Says which settings there are, by name, so that nobody has to guess.")


def _appended(text: str, lines: list[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else newline
    return text + gap + "".join(f"{line}{newline}" for line in lines)


FIX = Fix(
    "secrets",
    "Read keys from the environment instead of the source",
    ("LR131", "LR132", "LR134", "LR135"),
    propose,
    order=10,
)
