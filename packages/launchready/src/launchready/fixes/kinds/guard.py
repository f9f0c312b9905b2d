"""guard: the reviewed policy enforced inside the app, around everything it serves."""

from launchready_guard.policy import Policy
from tree_sitter import Node

from launchready.fixes.apps import App
from launchready.fixes.django_settings import add_to_settings
from launchready.fixes.fix import Fix
from launchready.fixes.identify import Who, who_calls
from launchready.fixes.imports import add_imports
from launchready.fixes.manifests import needs
from launchready.fixes.naming import beside, free, seen_from, sibling
from launchready.fixes.places import made
from launchready.fixes.python import Source, keyword, literal, place
from launchready.fixes.subject import Subject, policy_now
from launchready.fixes.work import Work
from launchready.model.words import Kind
from launchready.sources.facts.nodes import text_of
from launchready.sources.places import is_real

_PAGES = {"docs_url": ("/docs", "/docs/oauth2-redirect"), "redoc_url": ("/redoc",)}


def propose(subject: Subject, work: Work) -> None:
    """Add the guard to the app, when there is a policy that a person has reviewed."""
    if guarded(subject, work):
        return
    if not subject.apps:
        _unknown(subject, work)
        return
    policy = policy_now(subject, work)
    if policy is None:
        work.hand(
            subject.policy_file,
            "The guard enforces the policy, and there is none yet: who may call what is yours to decide.",
            "launchready policy draft",
            "# read it, decide the rows marked review = true, and then:",
            "launchready fix guard",
        )
        return
    if open_rows := sum(row.review for row in policy.rows):
        work.hand(
            subject.policy_file,
            f"{open_rows} of {len(policy.rows)} rows wait for a person: with the guard, nobody gets through to those.",
            "# decide the rows marked review = true, take that line out, and run again: launchready fix guard",
        )
        return
    app, *others = subject.apps
    for other in others:
        if other.framework == app.framework and other.entry != app.entry:
            work.hand(f"{other.file}:{other.line}", "A second app is made here; one guard stands around one app.")
    if app.framework == "Django":
        add_to_settings(subject, work, app, policy)
    elif app.framework == "Flask":
        _flask(subject, work, app, policy)
    else:
        _asgi(subject, work, app, policy)


def _unknown(subject: Subject, work: Work) -> None:
    """An app that serves, made in a way that was not understood, must not look as if nothing were to do."""
    served = next(
        (one for one in subject.surface.endpoints if one.source.file.endswith(".py") and is_real(one.source.file)), None
    )
    if served is not None:
        work.hand(
            served.source.file,
            f"{served.framework} serves {served.name} from here, and where the app is made was not found. The guard stands around any ASGI app.",
            "from launchready_guard import Guard",
            f'app = Guard(app, policy="{subject.policy_file}", identify=…)',
        )


def guarded(subject: Subject, work: Work) -> bool:
    """Whether the app has the guard, or gets it from this run."""
    return work.wrote("guard") or subject.guarded


def _asgi(subject: Subject, work: Work, app: App, policy: Policy) -> None:
    file, name = (app.entry, app.entry_name) if app.entry else (app.file, app.name)
    source = Source(work.text(file) or "")
    who = who_calls(subject, work, policy, file, app)
    _overridden(subject, work, file, name)
    if app.framework == "FastAPI":
        _described(subject, work, app, policy)
    if app.entry:
        if used := _used_after(subject, file, name):
            work.hand(
                used,
                f"{name} is used here after it is made in {file}, so what {name} stands for cannot change at the end of that file.",
                f"app = Guard({name}, policy={seen_from(subject, file)}, identify=…)  # in a module of its own, and give servers that one",
            )
            return
        at = source.end()
        if late := next((one for one in source.root.named_children if one.start_byte > at and _adds(one, name)), None):
            work.hand(
                place(file, late),
                f"{name} gets more here, behind the place where it is served.",
                *_lines(subject, file, name),
            )
            return
        head = source.raw[:at].decode("utf-8").rstrip()
        line = f"{name} = Guard({name}, policy={seen_from(subject, file)}, identify={who.expression}{_sign_in(subject, policy)})"
        edit = (len(head.encode("utf-8")), at, f"\n\n{line}\n" + ("\n\n" if at < len(source.raw) else ""))
    else:
        found = _returned(source, app)
        if found is None:
            work.hand(
                f"{file}:{app.line}",
                f"{app.factory}() gives away no app that was understood.",
                *_lines(subject, file, name),
            )
            return
        _, value = found
        edit = (
            value.start_byte,
            value.end_byte,
            f"Guard({name}, policy={seen_from(subject, file)}, identify={who.expression}{_sign_in(subject, policy)})",
        )
    _finish(subject, work, file, source.edited(edit), who, "from launchready_guard import Guard", policy)


def _flask(subject: Subject, work: Work, app: App, policy: Policy) -> None:
    file = app.file
    source = Source(work.text(file) or "")
    _static(subject, work, source, app, policy)
    who = who_calls(subject, work, policy, file, app)
    line = (
        f"protect({app.name}, policy={seen_from(subject, file)}, identify={who.expression}{_sign_in(subject, policy)})"
    )
    if not app.factory:
        at = source.end()
        head = source.raw[:at].decode("utf-8").rstrip()
        edit = (len(head.encode("utf-8")), at, f"\n\n{line}\n" + ("\n\n" if at < len(source.raw) else ""))
    else:
        found = _returned(source, app)
        if found is None:
            work.hand(f"{file}:{app.line}", f"{app.factory}() gives away no app that was understood.", line)
            return
        node, _ = found
        start = source.line_start(node.start_byte)
        edit = (start, start, f"{source.margin(node)}{line}\n")
    _finish(
        subject, work, file, source.edited(edit), who, "from launchready_guard.frameworks.flask import protect", policy
    )


def _overridden(subject: Subject, work: Work, file: str, name: str) -> None:
    """Tests that reach into the app find it inside of the guard."""
    for one in subject.tree.with_suffix(".py"):
        text = subject.tree.text(one.path) or ""
        if one.path != file and f"{name}.dependency_overrides" in text and not is_real(one.path):
            line = text.count("\n", 0, text.index(f"{name}.dependency_overrides")) + 1
            work.hand(
                f"{one.path}:{line}",
                f"{name} is the guard then, and the app stands inside of it.",
                f"{name}.app.dependency_overrides",
            )


def _static(subject: Subject, work: Work, source: Source, app: App, policy: Policy) -> None:
    """A row for the folder that Flask serves by itself: without one the app would not start."""
    call = made(source, app)
    url = literal(keyword(call, "static_url_path")) if call is not None else None
    off = keyword(call, "static_folder") if call is not None else None
    row = f"GET {(url or '/static').rstrip('/')}/{{filename}}"
    if (off is not None and off.type == "none") or policy.row("GET", row.removeprefix("GET ")) is not None:
        return
    text = work.text(subject.policy_file) or ""
    more = f'\n[[endpoint]]\nroute = "{row}"\nallow = ["guest"]\n'
    work.put(
        subject.policy_file,
        (text if text.endswith("\n") else f"{text}\n") + more.replace("\n", "\r\n" if "\r\n" in text else "\n"),
        "Flask serves its static folder by itself, to everybody; the guard asks for a row for that too.",
    )


def _described(subject: Subject, work: Work, app: App, policy: Policy) -> None:
    """FastAPI's own pages are routes too."""
    call = made(Source(work.text(app.file) or ""), app)
    off = {
        name for name in _PAGES if call is not None and (one := keyword(call, name)) is not None and one.type == "none"
    }
    described = keyword(call, "openapi_url") if call is not None else None
    pages = [
        literal(described) or "/openapi.json",
        *(page for name in _PAGES if name not in off for page in _PAGES[name]),
    ]
    missing = [page for page in pages if policy.row("GET", page) is None]
    if (described is not None and described.type == "none") or not missing:
        return
    work.hand(
        f"{app.file}:{app.line}",
        "FastAPI serves the description of all endpoints here. The guard does not let the app start while those pages have no row: "
        f"take them off with openapi_url=None, or say in {subject.policy_file} who may read them.",
        *(line for page in missing for line in ("[[endpoint]]", f'route = "GET {page}"', 'allow = ["admin"]')),
    )


def _finish(subject: Subject, work: Work, file: str, text: str, who: Who, imported: str, policy: Policy) -> None:
    """Write the edited file with its imports, the module of ``identify`` if one is needed, and the dependency."""
    lines = [imported, "from pathlib import Path"]
    module = ""
    if who.body:
        name = free(work, file, "identity")
        module = sibling(subject, file, name)
        lines.append(f"from {module} import {who.gives}")
        lines += [] if who.gives == "identify" else who.imports
        said = (
            f"{who.asks}: the function raises until a person has written it."
            if who.asks
            else f"Says who calls: {who.said}."
        )
        if who.asks:
            work.hand(
                beside(file, name),
                f"{who.asks}. Write the lines the comment there asks for; until then the guard lets no account in.",
            )
        work.put(beside(file, name), who.body, said)
    else:
        lines += who.imports
    lines = _merged(lines)
    count = len(policy.rows)
    known = "" if who.asks else f"; callers are known by {who.said}"
    work.put(
        file,
        add_imports(text, *lines, own=subject.packages | {module.split(".")[0]}),
        f"The guard lets through what the {count} reviewed rows of {subject.policy_file} allow, and nothing else{known}.",
    )
    needs(subject, work, policy, file)


def _merged(lines: list[str]) -> list[str]:
    """``from x import a`` and ``from x import b`` as one line."""
    named: dict[str, list[str]] = {}
    for line in lines:
        module, _, names = line.partition(" import ")
        named.setdefault(module, []).extend(filter(None, names.split(", ")))
    return [
        f"{module} import {', '.join(sorted(dict.fromkeys(names)))}" if names else module
        for module, names in named.items()
    ]


def _sign_in(subject: Subject, policy: Policy) -> str:
    """The page that browsers are led to, when the app has one that everybody may open."""
    for one in subject.surface.by_kind(Kind.LOGIN):
        row = policy.row("GET", one.path)
        if (
            one.method == "GET"
            and "{" not in one.path
            and not one.path.startswith("/api")
            and row is not None
            and row.public
        ):
            return f', sign_in="{one.path}"'
    return ""


def _returned(source: Source, app: App) -> tuple[Node, Node] | None:
    """The one ``return app`` of the function that makes the app, and what it returns."""
    function = next((node for node in source.nodes("function_definition") if _called(node) == app.factory), None)
    if function is None:
        return None
    found = [node for node in source.nodes("return_statement", within=function) if source.scope(node) == function]
    if len(found) != 1 or not found[0].named_children or text_of(found[0].named_children[0]) != app.name:
        return None
    return found[0], found[0].named_children[0]


def _called(function: Node) -> str:
    name = function.child_by_field_name("name")
    return text_of(name) if name is not None else ""


def _used_after(subject: Subject, file: str, name: str) -> str:
    """Where another file of the app imports the app object and calls something on it; empty when none does."""
    for path in subject.python:
        module = subject.resolver.module(path)
        if path == file or module is None:
            continue
        local = next(
            (
                entry.name
                for entry in module.imports.values()
                if entry.symbol == name and subject.resolver.python_file(path, entry.module) == file
            ),
            "",
        )
        if not local:
            continue
        source = Source(subject.tree.text(path) or "")
        for node in source.nodes("attribute"):
            inner = node.child_by_field_name("object")
            if inner is not None and text_of(inner) == local:
                return place(path, node)
    return ""


def _adds(node: Node, name: str) -> bool:
    return f"{name}.".encode() in (node.text or b"")


def _lines(subject: Subject, file: str, name: str) -> tuple[str, ...]:
    return (
        "from launchready_guard import Guard",
        f"{name} = Guard({name}, policy={seen_from(subject, file)}, identify=…)",
    )


FIX = Fix(
    "guard",
    "Put the guard around the app, so that the reviewed policy is enforced",
    ("LR102", "LR104", "LR201", "LR203", "LR208", "LR331", "LR332", "LR334"),
    propose,
    order=20,
)
