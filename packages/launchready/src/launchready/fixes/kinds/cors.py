"""cors: the websites that may read the app's answers, by name."""

from collections.abc import Iterator

from tree_sitter import Node

from launchready.fixes.fix import Fix
from launchready.fixes.python import Source, arguments, callee, keyword, keyword_node, literal, more_arguments, place
from launchready.fixes.subject import Subject, policy_now
from launchready.fixes.work import Work
from launchready.sources.facts.nodes import text_of

_WORDS = ("CORSMiddleware", "CORS(", "cross_origin", "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
_SETTINGS = ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
_WHY = "Only the app's own pages may read its answers with a visitor's session."
Edit = tuple[int, int, str]


def propose(subject: Subject, work: Work) -> None:
    """Name the origins wherever every website is let in."""
    origins = known_origins(subject, work)
    for path in subject.python:
        text = work.text(path) or ""
        if not any(word in text for word in _WORDS):
            continue
        source = Source(text)
        wide = list(_wide(source))
        if not wide:
            continue
        if not origins:
            for node in wide:
                work.hand(
                    place(path, node),
                    "Every website is let in here, and nothing says which pages the app is used from.",
                    '# in launchready.toml, and run this again:  [domains] canonical = "app.example.com"',
                )
            continue
        edits, odd = [], []
        for node in wide:
            edit = _edit(source, node, origins)
            if edit is None:
                odd.append(node)
            else:
                edits.append(edit)
        for node in odd:
            work.hand(
                place(path, node), "Every website is let in here by a pattern.", f"origins: {source.listed(origins)}"
            )
        if edits:
            work.put(path, source.edited(*edits), _WHY)


def known_origins(subject: Subject, work: Work) -> tuple[str, ...]:
    """The origins of the policy, else the app's own address; none when neither is known."""
    policy = policy_now(subject, work)
    named = tuple(one for one in policy.cors.origins if one != "*") if policy else ()
    canonical = subject.project.domains.canonical
    return named or ((f"https://{canonical}",) if canonical else ())


def _wide(source: Source) -> Iterator[Node]:
    """The nodes that let in every website: the list or text with ``*``, the setting, the call that names no origins."""
    for call in source.calls("add_middleware", "Middleware", "CORSMiddleware"):
        named = [text_of(one) for one in arguments(call)[:1]]
        if callee(call).endswith("CORSMiddleware") or (named and named[0].endswith("CORSMiddleware")):
            yield from _star(source, keyword(call, "allow_origins"))
            pattern = keyword(call, "allow_origin_regex")
            if pattern is not None and (literal(pattern) or "") in (".*", "https?://.*", "^.*$", ".+"):
                yield pattern
    for call in source.calls("CORS", "cross_origin"):
        given = keyword(call, "origins")
        resources = keyword(call, "resources")
        if given is not None:
            yield from _star(source, given)
        elif resources is not None:
            for pair in source.nodes("pair", within=resources):
                if literal(pair.child_by_field_name("key")) == "origins":
                    yield from _star(source, pair.child_by_field_name("value"))
        elif not any(True for _ in source.nodes("dictionary_splat", within=call)):
            yield call
    for node in source.nodes("assignment"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and text_of(left) in _SETTINGS and right.type == "true":
            yield node


def _star(source: Source, node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    if literal(node) == "*" or any(
        literal(one) == "*" for one in node.named_children if node.type in ("list", "tuple", "set")
    ):
        yield node
    elif node.type == "identifier":
        for bound in source.assigned(text_of(node)):
            yield from _star(source, bound.child_by_field_name("right"))


def _edit(source: Source, node: Node, origins: tuple[str, ...]) -> Edit | None:
    if node.type == "call":
        return more_arguments(source, node, (f"origins={source.listed(origins)}",))
    if node.type == "assignment":
        return node.start_byte, node.end_byte, f"CORS_ALLOWED_ORIGINS = {source.listed(origins)}"
    if literal(node) is not None and literal(node) != "*":
        above = node.parent
        call = above.parent.parent if above is not None and above.parent is not None else None
        if call is None or keyword_node(call, "allow_origins") is not None or above is None:
            return None
        return above.start_byte, above.end_byte, f"allow_origins={source.listed(origins)}"
    return node.start_byte, node.end_byte, source.listed(origins)


FIX = Fix("cors", "Let only the app's own websites read its answers", ("LR221", "LR222"), propose, order=30)
