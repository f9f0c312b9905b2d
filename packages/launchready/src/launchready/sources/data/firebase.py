"""Firebase rules files: which path each ``allow`` opens, and to whom, once the file's own functions are written out.

Firebase docs, "Security Rules language", "Basic Security Rules" (test mode ends on a date) and "Avoid insecure rules".
"""

import re
from dataclasses import dataclass

from launchready.model.parsed import json_of, table_of
from launchready.model.surface import Span, Unread
from launchready.sources.tree import Tree

RULES = ("firestore.rules", "storage.rules", "database.rules.json")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_TOKEN = re.compile(
    r"match\s+(?P<path>/(?:[\w\-./:()$]|\{[^{}]*\})+)\s*\{|function\s+\w+\s*\([^)]*\)\s*\{|service\s+[\w.]+\s*\{"
    r"|allow\s{1,50}(?P<acts>[\w,][\w\s,]{0,200}?)\s{0,50}(?::\s{0,50}if\s(?P<when>[^;]{1,5000}))?;|\{|\}"
)
_FUNCTION = re.compile(r"function\s+(\w+)\s*\(([^)]*)\)\s*\{((?:\s*let\s+\w+\s*=[^;]+;)*)\s*return\s+([^;]+);?\s*\}")
_LET = re.compile(r"let\s+(\w+)\s*=([^;]+);")
_CALLED = re.compile(r"\b(\w+)\s*\(([^()]*)\)")
# Whose record it is, by its address or by what is stored: `request.auth.uid == uid`, `resource.data.owner == request.auth.uid`
_UID = r"(?:request\.)?auth\??\.uid"
_STORED = r"(?:resource\.data(?:\.\w+|\[[\"']\w+[\"']\])+|data\.child\([\"']\w+[\"']\)\.val(?:\(\)?)?)"
# Claims are set by the server alone.
_CLAIM = r"request\.auth\.token\.(?!email\b|name\b|email_verified\b|phone)\w+(?:\s*==\s*(?:true|[\"'][\w-]+[\"']))?"
_TEST_MODE = re.compile(r"request\.time\s*<\s*timestamp\.date\s*\([\d\s,]+\)|now\s*<\s*\d+")
_SIGNED_IN = re.compile(
    r"request\.auth(?:\.uid)?\s*!=\s*null|null\s*!=\s*request\.auth(?:\.uid)?|auth(?:\.uid)?\s*!=\s*null"
)


@dataclass(frozen=True, slots=True)
class Allow:
    """One grant. ``to`` is anyone, test (anyone until a date), member (any signed-in user), owner (whose record it is, or who was given a
    claim), nobody or some (a condition)."""

    service: str
    path: str
    acts: tuple[str, ...]
    to: str
    condition: str
    span: Span

    @property
    def writes(self) -> bool:
        """Whether it lets data be changed."""
        return bool({"write", "create", "update", "delete"}.intersection(self.acts))


def allows(tree: Tree) -> tuple[tuple[Allow, ...], tuple[Unread, ...]]:
    """Every grant of every rules file, and the files that could not be understood."""
    found: list[Allow] = []
    unread: list[Unread] = []
    for file in tree.files:
        if not file.path.endswith((".rules", "database.rules.json")):
            continue
        text = tree.text(file.path)
        if text is None:
            unread.append(Unread(file.path, "is not text"))
        elif file.path.endswith(".json"):
            rules = json_of(_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text))
            if rules is None:
                unread.append(Unread(file.path, "does not parse, so who may read the database is not known"))
                continue
            _tree(found, file.path, text, table_of(rules).get("rules"), "/", 0)
        elif re.search(r"\bservice\s+(?:cloud\.firestore|firebase\.storage)\b", text):
            found += _rules(file.path, text)
    return tuple(found), tuple(unread)


def _rules(path: str, text: str) -> list[Allow]:
    code = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    service = "Cloud Storage" if "firebase.storage" in code else "Firestore"
    functions = {match[1]: (_names(match[2]), _given(match[4], match[3])) for match in _FUNCTION.finditer(code)}
    found: list[Allow] = []
    stack: list[str] = []
    for match in _TOKEN.finditer(code):
        if match.group("acts"):
            when = _written_out((match.group("when") or "true").strip(), functions)
            acts = tuple(act.strip() for act in match.group("acts").split(","))
            where = re.sub(r"^/databases/\{[^{}]*\}/documents|^/b/\{[^{}]*\}/o", "", "".join(stack)) or "/"
            span = Span(path, code.count("\n", 0, match.start()) + 1, " ".join(match.group().split()))
            found.append(Allow(service, where, acts, judged(when, where, only_new=acts == ("create",)), when, span))
        elif match.group() == "}":
            if stack:
                stack.pop()
        else:
            stack.append(match.group("path") or "")
    return found


def _tree(found: list[Allow], file: str, text: str, node: object, path: str, depth: int) -> None:
    if not isinstance(node, dict) or depth > 50:
        return
    for name, value in node.items():
        if name in (".read", ".write"):
            when = str(value).lower() if isinstance(value, bool) else str(value)
            # Rules of the Realtime Database cascade: what is granted here holds for everything below.
            at = text.find(f'"{name}"')
            span = Span(file, text.count("\n", 0, max(at, 0)) + 1, f"{name}: {when}")
            found.append(Allow("Realtime Database", path, (name[1:],), judged(when, path), when, span))
        elif not str(name).startswith("."):
            _tree(found, file, text, value, f"{path.rstrip('/')}/{name}", depth + 1)


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _given(condition: str, lets: str) -> str:
    """What a function gives back, with what it keeps under names put in."""
    for name, value in reversed(_LET.findall(lets)):
        condition = re.sub(rf"(?<![.\w]){name}\b", value.strip(), condition)
    return condition


def _written_out(when: str, functions: dict[str, tuple[list[str], str]]) -> str:
    """A condition with what its functions give back in the place of their calls."""

    def body(call: re.Match[str]) -> str:
        names, given = functions.get(call[1], ([], ""))
        values = [value.strip() for value in call[2].split(",") if value.strip()]
        if call[1] not in functions or len(names) != len(values):
            return call[0]
        filled = dict(zip(names, values, strict=True))
        named = re.compile(rf"(?<![.\w])({'|'.join(map(re.escape, names))})\b") if names else None
        return f"({named.sub(lambda name: filled[name[1]], given) if named else given})"

    for _ in range(5):
        written = _CALLED.sub(body, when)
        if written == when or len(written) > 5_000:
            break
        when = written
    return when


def judged(when: str, path: str = "", *, only_new: bool = False) -> str:
    """Whom a condition lets in to ``path``, for what is only made anew (``only_new``) or for any record. Only conditions made of plain
    terms are judged; any other term makes it ``some``."""
    # Of `!(a && b)` neither is asked for.
    own = None if re.search(r"!\s*\(", when) else _own(path, only_new)
    sides = [part.strip(" ()\n\t") for part in when.split("||")]
    grades = [_side(side, own) for side in sides]
    return next((grade for grade in ("anyone", "test", "member", "some", "owner") if grade in grades), "nobody")


def _own(path: str, only_new: bool) -> re.Pattern[str]:
    """What asks whose record it is: by a part of its address, by what is stored, or by what is made anew; or for a claim."""
    names = [re.escape(name) for name in re.findall(r"\$?\w+", " ".join(re.findall(r"\{\w+|\$\w+", path)))]
    held = "|".join((*names, _STORED, *((rf"request\.{_STORED}",) if only_new else ())))
    return re.compile(
        rf"{_UID}\s*={{2,3}}\s*(?:{held})|(?:{held})\s*={{2,3}}\s*{_UID}|{_UID}\s+in\s+{_STORED}|{_CLAIM}"
    )


def _side(side: str, own: re.Pattern[str] | None) -> str:
    terms = [part.strip(" ()\n\t") for part in side.split("&&")]
    if "false" in terms:
        return "nobody"
    left = [term for term in terms if term != "true"]
    if not left:
        return "anyone"
    # timestamp.date(2026, 1, 1) lost its last bracket above.
    if all(_TEST_MODE.fullmatch(term) or _TEST_MODE.fullmatch(term + ")") for term in left):
        return "test"
    # What else is asked for lets fewer in. Who writes `request.resource` may name themselves the owner of what is another's.
    if own is not None and any(own.fullmatch(term) for term in left):
        return "owner"
    return "member" if all(_SIGNED_IN.fullmatch(term) for term in left) else "some"
