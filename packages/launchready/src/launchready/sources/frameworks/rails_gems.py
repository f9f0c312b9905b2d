"""The routes that gems add by one line: Devise and Doorkeeper."""

import re

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, join
from launchready.sources.frameworks.rails_scope import Entry, Scope, filled, words
from launchready.sources.frameworks.rails_words import singular, underscored
from launchready.sources.readings import Guard, Reading

_DEVISE = re.compile(r"^\s*devise\s+((?:.*,\s*\n)*.*)$", re.M)
# What rails generate devise writes into a model.
_USUAL = frozenset(("database_authenticatable", "registerable", "recoverable"))
# controller: (module of the model, its path name, what it answers)
_DEVISE_ROUTES: dict[str, tuple[str, str, str]] = {
    "sessions": ("database_authenticatable", "", "GET sign_in new,POST sign_in create,DELETE sign_out destroy"),
    "passwords": ("recoverable", "password", "GET new new,GET edit edit,PATCH . update,PUT . update,POST . create"),
    "registrations": (
        "registerable",
        "",
        "GET cancel cancel,GET sign_up new,GET edit edit,PATCH . update,PUT . update,DELETE . destroy,POST . create",
    ),
    "confirmations": ("confirmable", "confirmation", "GET new new,GET . show,POST . create"),
    "unlocks": ("lockable", "unlock", "GET new new,GET . show,POST . create"),
}
_SIGNED_IN = {("registrations", "edit"), ("registrations", "update"), ("registrations", "destroy")}
_DOORKEEPER = (
    ("authorizations", "GET", "authorize", "new"),
    ("authorizations", "POST", "authorize", "create"),
    ("authorizations", "DELETE", "authorize", "destroy"),
    ("tokens", "POST", "token", "create"),
    ("tokens", "POST", "revoke", "revoke"),
    ("tokens", "POST", "introspect", "introspect"),
    ("token_info", "GET", "token/info", "show"),
    ("applications", "GET", "applications", "index"),
    ("applications", "GET", "applications/new", "new"),
    ("applications", "POST", "applications", "create"),
    ("applications", "GET", "applications/{id}", "show"),
    ("applications", "GET", "applications/{id}/edit", "edit"),
    ("applications", "PATCH", "applications/{id}", "update"),
    ("applications", "PUT", "applications/{id}", "update"),
    ("applications", "DELETE", "applications/{id}", "destroy"),
    ("authorized_applications", "GET", "authorized_applications", "index"),
    ("authorized_applications", "DELETE", "authorized_applications/{id}", "destroy"),
)


def entries(reader: Reader, root: str, call: Expr, scope: Scope) -> list[Entry] | None:
    """The routes of a line that a gem understands; None when it is none."""
    if call.text == "devise_for":
        return [
            entry for item in call.items if item.kind == "str" for entry in _devise(reader, root, call, item, scope)
        ]
    return _doorkeeper(call, scope) if call.text == "use_doorkeeper" else None


def folder_of(engine: str) -> str:
    """The folder of an engine's controllers: isolated engines have one of their own."""
    return underscored(engine.removesuffix("::Engine"))


def _devise(reader: Reader, root: str, call: Expr, item: Expr, scope: Scope) -> list[Entry]:
    name, found = filled(item.text, scope), []
    path, names, controllers = call.get("path"), call.get("path_names"), call.get("controllers")
    folder = call.get("module")
    base = path.text if path is not None and path.kind == "str" else name.rsplit("/", 1)[-1]
    only, skip = words(call.get("only")), words(call.get("skip"))
    given = call.get("class_name")
    parts = _modules(reader, root, given.text if given is not None else singular(name))
    for controller, (needs, at, answers) in _DEVISE_ROUTES.items():
        if needs not in parts or controller in skip or "all" in skip or (only and controller not in only):
            continue
        own = controllers.get(controller) if controllers else None
        target = own.text if own else f"{folder.text if folder else 'devise'}/{controller}"
        for answer in answers.split(","):
            method, tail, action = answer.split()
            word = names.get(tail) if names else None
            place = names.get(at) if names else None
            segments = (place.text if place else at, "" if tail == "." else word.text if word else tail)
            reading = scope.reading
            if (controller, action) in _SIGNED_IN:
                what = f"Devise asks for a signed-in {singular(name)} before {controller}#{action}"
                reading += Reading((Guard(Span(scope.file, call.line, what)),))
            where = join(scope.prefix, base, *segments)
            found.append(Entry(method, where, target, action, scope.file, call.line, f"{target}#{action}", reading))
    return found


def _modules(reader: Reader, root: str, model: str) -> frozenset[str]:
    """The modules that the model asks Devise for."""
    file = f"{root}/app/models/{underscored(model)}.rb".lstrip("/")
    text = reader.tree.text(file) if any(one.path == file for one in reader.tree.files) else None
    asked = _DEVISE.search(text) if text else None
    return frozenset(re.findall(r":(\w+)", asked.group(1))) if asked else _USUAL


def _doorkeeper(call: Expr, scope: Scope) -> list[Entry]:
    skipped: set[str] = set()
    own: dict[str, str] = {}
    at = "oauth"
    if call.get("scope") is not None:
        at = next(iter(words(call.get("scope"))), at)
    for line in call.function.calls if call.function else ():
        if line.text == "skip_controllers":
            skipped |= set(line.strings())
        elif line.text == "controllers":
            own |= {key: value.text for key, value in line.named}
    found = []
    for controller, method, path, action in _DOORKEEPER:
        if controller in skipped:
            continue
        target = own.get(controller, f"doorkeeper/{controller}")
        what = f"{target}#{action} of Doorkeeper, whose guard is in its initializer"
        asks = controller not in ("tokens", "token_info")
        doubt = Reading(unsure=(Span(scope.file, call.line, what),)) if asks else Reading()
        place = join(scope.prefix, at, path)
        found.append(
            Entry(method, place, target, action, scope.file, call.line, f"{target}#{action}", scope.reading + doubt)
        )
    return found
