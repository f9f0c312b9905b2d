"""Places that several fixes put lines at."""

from tree_sitter import Node

from launchready.fixes.apps import App
from launchready.fixes.python import Source, callee
from launchready.sources.facts.nodes import text_of


def made(source: Source, app: App) -> Node | None:
    """The call that makes the app; None when the file does not look as it did."""
    for assignment in source.assigned(app.name):
        call = assignment.child_by_field_name("right")
        if call is None or call.type != "call" or callee(call).rsplit(".", 1)[-1] != app.made:
            continue
        scope = source.scope(call)
        name = scope.child_by_field_name("name") if scope is not None else None
        if (text_of(name) if name is not None else "") == app.factory:
            return call
    return None


def after_made(source: Source, app: App) -> tuple[int, str] | None:
    """Where the line after the one that makes the app begins, and the white space before its statements."""
    call = made(source, app)
    if call is None:
        return None
    statement = source.statement(call)
    margin = source.margin(statement)
    end = source.line_end(statement.end_byte)
    # `app = Flask(__name__); …` on one line, or no line break at the end of the file.
    if margin.strip() or (
        source.raw[statement.end_byte : end].strip() not in (b"",) and b"#" not in source.raw[statement.end_byte : end]
    ):
        return None
    return (end, margin) if source.raw[end - 1 : end] == b"\n" else None
