"""The shape of facts: expressions reduced to what routing and guarding need."""

from collections.abc import Iterator

import msgspec


class Expr(msgspec.Struct, frozen=True):
    """An expression.

    ``kind`` is ``str`` (``text`` is its value, unknown parts as ``{name?}``), ``name`` (``text`` is the dotted name), ``call``
    (``text`` is the dotted name called, ``items`` its arguments, ``named`` its keyword arguments, ``on`` the call it is chained
    to), ``list``, ``dict`` (``named``, and ``items`` that are spread into it), ``function`` (``function``), ``const`` (``text`` is the literal), ``each`` (one of what ``items``
    holds, in a loop; ``text`` is the place in it of all but the first of several names), ``all`` (``A & B``; ``A | B`` is a list), ``either``
    (one of ``items``; ``text`` is the condition that decides), or ``other``. ``when`` is the condition of the ``if`` around a statement.
    """

    kind: str
    text: str = ""
    items: tuple["Expr", ...] = ()
    named: tuple[tuple[str, "Expr"], ...] = ()
    line: int = 0
    on: "Expr | None" = None
    function: "Function | None" = None
    when: str = ""

    def get(self, name: str) -> "Expr | None":
        """A keyword argument or dict entry by name."""
        # A plain loop: this is asked half a million times in a large tree.
        for key, value in self.named:
            if key == name:
                return value
        return None

    def strings(self) -> Iterator[str]:
        """The string values in it, at any depth of lists and arguments."""
        if self.kind == "str":
            yield self.text
        for item in self.items:
            yield from item.strings()
        for _, value in self.named:
            yield from value.strings()


class Param(msgspec.Struct, frozen=True):
    """A parameter: its annotation and default as expressions, where given. ``marks`` are the decorators of a field of a class in JavaScript."""

    name: str
    annotation: Expr | None = None
    default: Expr | None = None
    marks: tuple[Expr, ...] = ()


class Binding(msgspec.Struct, frozen=True):
    """A name bound to an expression, in source order."""

    name: str
    value: Expr
    line: int


class Function(msgspec.Struct, frozen=True):
    """A function, method or class body. ``code`` is its text without comments; ``steps`` its calls and bindings in order, where the
    language's reader gives them; ``when`` the condition of the ``if`` it is defined in; ``returns`` the type it says it returns."""

    name: str
    line: int
    params: tuple[Param, ...] = ()
    decorators: tuple[Expr, ...] = ()
    code: str = ""
    calls: tuple[Expr, ...] = ()
    bases: tuple[Expr, ...] = ()
    methods: tuple["Function", ...] = ()
    fields: tuple[Param, ...] = ()
    is_class: bool = False
    steps: tuple[Expr | Binding, ...] = ()
    when: str = ""
    returns: str = ""


class Import(msgspec.Struct, frozen=True):
    """A local name that stands for ``symbol`` of ``module`` (``*`` or empty: the module itself)."""

    name: str
    module: str
    symbol: str


class Module(msgspec.Struct, frozen=True):
    """Everything one file says. ``calls`` are those at any depth outside of function definitions of routes, in source order."""

    path: str
    imports: dict[str, Import] = msgspec.field(default_factory=dict)
    stars: tuple[str, ...] = ()
    bindings: dict[str, Binding] = msgspec.field(default_factory=dict)
    functions: dict[str, Function] = msgspec.field(default_factory=dict)
    calls: tuple[Expr, ...] = ()
    exports: dict[str, Expr] = msgspec.field(default_factory=dict)
    broken: bool = False
