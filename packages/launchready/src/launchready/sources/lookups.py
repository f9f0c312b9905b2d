"""Whether all that a handler does is read: it looks up what its request names, works with what it found, and answers.

``POST /reviews/get`` takes an id in its body and answers with what has it; ``@app.route("/summary", methods=["GET", "POST"])`` shows the same page either way.
Whoever calls it changes nothing. A call that is not known to leave everything as it was is taken for a change.
"""

import ast
import re
import textwrap

from launchready.sources import doing
from launchready.sources.go_answers import go_only_answers
from launchready.sources.php_answers import php_only_answers

# What a view of Python may call and leave everything as it was, by the last part of its name.
_READS = frozenset(
    [
        "query",
        "filter",
        "filter_by",
        "filter_",
        "all",
        "first",
        "one",
        "one_or_none",
        "scalar",
        "scalars",
        "scalar_one_or_none",
        "first_or_404",
        "get_or_404",
        "get_object_or_404",
        "get_list_or_404",
        "one_or_404",
        "exclude",
        "order_by",
        "distinct",
        "select",
        "select_from",
        "select_related",
        "prefetch_related",
        "options",
        "joinedload",
        "selectinload",
        "join",
        "outerjoin",
        "group_by",
        "having",
        "where",
        "limit",
        "offset",
        "count",
        "exists",
        "values",
        "values_list",
        "annotate",
        "aggregate",
        "latest",
        "earliest",
        "desc",
        "asc",
        "ilike",
        "like",
        "contains",
        "in_",
        "any_",
        "is_",
        "isnot",
        "between",
        "label",
        "sum",
        "max",
        "min",
        "avg",
        "or_",
        "and_",
        "not_",
        "Q",
        "F",
        "Sum",
        "Count",
        "Avg",
        "Min",
        "Max",
        "fetchone",
        "fetchall",
        "fetchmany",
        "mappings",
        "cursor",
        "connect",
        "getlist",
        "getvalue",
        "get",
        "items",
        "keys",
        "get_json",
        "form",
        "json",
        "body",
        "data",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "split",
        "rsplit",
        "join",
        "replace",
        "startswith",
        "endswith",
        "isdigit",
        "isnumeric",
        "format",
        "encode",
        "decode",
        "append",
        "extend",
        "sort",
        "sorted",
        "reverse",
        "reversed",
        "enumerate",
        "range",
        "zip",
        "map",
        "list",
        "dict",
        "set",
        "tuple",
        "str",
        "int",
        "float",
        "bool",
        "len",
        "abs",
        "round",
        "isinstance",
        "type",
        "getattr",
        "hasattr",
        "any",
        "all",
        "iter",
        "next",
        "Decimal",
        "date",
        "datetime",
        "time",
        "timedelta",
        "now",
        "today",
        "utcnow",
        "strftime",
        "strptime",
        "isoformat",
        "fromisoformat",
        "timestamp",
        "weekday",
        "combine",
        "total_seconds",
        "is_valid",
        "validate_on_submit",
        "validate",
        "model_dump",
        "from_orm",
        "model_validate",
        "parse_date",
        "parse_datetime",
        "render",
        "render_template",
        "render_template_string",
        "TemplateResponse",
        "HTMLResponse",
        "JSONResponse",
        "JsonResponse",
        "HttpResponse",
        "Response",
        "redirect",
        "RedirectResponse",
        "url_for",
        "reverse_lazy",
        "jsonify",
        "make_response",
        "flash",
        "message",
        "messages",
        "success",
        "error",
        "info",
        "warning",
        "debug",
        "exception",
        "log",
        "print",
        "abort",
        "HTTPException",
        "HttpError",
        "Http404",
        "ValueError",
        "fromstring",
        "findtext",
        "find",
        "findall",
        "XMLParser",
        "parse_qs",
        "loads",
        "dumps",
        "escape",
        "Markup",
    ]
)
# A form that a handler makes, and what reaches for records.
_FORM = re.compile(r"(?<![\w.])[A-Z]\w*Form\(")
_RECORDS = re.compile(
    r"execute|query|select|objects\b|\.find|\.all\(|\.first|\.filter|get_object|get_list|_or_404|\bsession\b|\bdb\b|cursor|fetch|\bopen\(|commit|\bnext\("
)
_STATEMENT = re.compile(r"\s*(?:WITH\b[\s\S]*?\)\s*)?SELECT\b(?![\s\S]*\b(?:INTO|DELETE|UPDATE|INSERT)\b)", re.I)
# Functions that run what they are given: what that is decides. Flask's own documents call one of the app's `query_db`.
_RUNS = frozenset(("execute", "exec", "scalars", "scalar", "raw", "text", "fetch_all", "fetch_one", "query_db", "execute_query", "run_query", "execute_db"))  # fmt: skip
# A function of the app's that opens its database, as small apps have one.
_OPENS = re.compile(r"(?:(?:get|open|make|new|create)_)?(?:db|database|conn(?:ection)?)(?:_(?:conn(?:ection)?|cursor|session))?|connect_(?:to_)?(?:db|database)|get_cursor")  # fmt: skip
# What a text is put together by.
_OF_TEXT = frozenset(("format", "strip", "replace", "dedent"))
# What changes the list that it is called on.
_IN_PLACE = frozenset(("append", "extend", "sort", "reverse"))
# What is loaded so may be code, and a cache is set by the same word as a set is made.
_ELSE = frozenset((("pickle", "loads"), ("marshal", "loads"), ("dill", "loads")))
# What the app keeps in the caller's own session is theirs alone.
_OWN_SESSION = frozenset(("session", "request.session"))


def only_looks_up(file: str, code: str) -> bool:
    """Whether the code of a handler, from its first line, only reads."""
    return _reads_only(code) if file.endswith(".py") else doing.only_looks_up(file, code)


def only_answers(file: str, code: str) -> bool:
    """Whether a handler answers and does nothing else: not even records are looked at. A form of Python's is filled in, and kept nowhere."""
    if file.endswith(".go"):
        return go_only_answers(code)
    if file.endswith(".php"):
        return php_only_answers(code)
    if not file.endswith(".py"):
        return doing.only_answers(file, code)
    return not _RECORDS.search(code) and _reads_only(_FORM.sub("dict(", code))


def _reads_only(code: str) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError, RecursionError):
        return False
    made = next((one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)), None)
    if made is None:
        return False
    texts: dict[str, list[ast.expr]] = {}
    for one in (node for node in ast.walk(made) if isinstance(node, ast.Assign)):
        for target in one.targets:
            if isinstance(target, ast.Name):
                texts.setdefault(target.id, []).append(one.value)
    parts = [node for statement in made.body for node in ast.walk(statement)]
    own = _names(made, texts)
    # A body that calls nothing is no handler yet.
    return any(isinstance(node, ast.Call) for node in parts) and all(_leaves(node, texts, own) for node in parts)


def _names(made: ast.FunctionDef | ast.AsyncFunctionDef, texts: dict[str, list[ast.expr]]) -> frozenset[str]:
    """What is the function's own, by name: what it was given and what it makes, but no part of what was there before: ``kept = STORE["notes"]``."""
    nodes = list(ast.walk(made))
    given = {node.arg for node in nodes if isinstance(node, ast.arg)}
    set_here = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    parts = ast.Name | ast.Attribute | ast.Subscript
    known = given | set_here | {"request"}
    return frozenset(
        name
        for name in known
        if not any(
            isinstance(value, parts) and (root := _root(value)) != name and root not in known
            for value in texts.get(name, ())
        )
    )


def _root(node: ast.expr) -> str:
    """The name that a path of attributes, items and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _leaves(node: ast.AST, texts: dict[str, list[ast.expr]], own: frozenset[str]) -> bool:
    """Whether a part of the code leaves everything as it was; ``own`` are the names of what goes with the request."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
        several = (target for one in targets for target in (one.elts if isinstance(one, ast.Tuple) else [one]))
        return all(_own(target, own) for target in several)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _RUNS and node.args:
            return _asks_only(node.args[0], texts)
        on = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in _IN_PLACE and isinstance(node.func, ast.Attribute) and _root(node.func.value) not in own | {""}:
            return False
        if (on, name) in _ELSE or (on and name in ("set", "map", "type")):
            return False
        opens = not on and _OPENS.fullmatch(name)
        return (
            name in _READS
            or name == "close"
            or bool(opens)
            or (on in _OWN_SESSION and name in ("pop", "clear", "setdefault"))
        )
    return not isinstance(node, ast.Global | ast.Nonlocal)


def _own(target: ast.expr, own: frozenset[str]) -> bool:
    """Whether what is set is a name of the function's own, a part of one, or the caller's session."""
    if isinstance(target, ast.Subscript):
        named = isinstance(target.value, ast.Name) and target.value.id in own
        return named or ast.unparse(target.value) in _OWN_SESSION
    return isinstance(target, ast.Name | ast.Starred)


def _asks_only(given: ast.expr, texts: dict[str, list[ast.expr]]) -> bool:
    """Whether what is run is a SELECT: as text, or as a statement of SQLAlchemy, which is looked through by itself."""
    values = texts.get(given.id, [given]) if isinstance(given, ast.Name) else [given]
    return all(_is_select(value, texts) for value in values)


def _is_select(value: ast.expr, texts: dict[str, list[ast.expr]]) -> bool:
    if isinstance(value, ast.Call):
        inner = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        if inner in _OF_TEXT and isinstance(value.func, ast.Attribute):
            return _is_select(value.func.value, texts)
        return inner in _READS or (inner == "text" and bool(value.args) and _asks_only(value.args[0], texts))
    while isinstance(value, ast.BinOp):
        value = value.left
    first = value.values[0] if isinstance(value, ast.JoinedStr) and value.values else value
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(_STATEMENT.match(first.value))
