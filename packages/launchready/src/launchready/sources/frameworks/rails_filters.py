"""What runs before the actions of a Rails controller, inherited and included (guides: Action Controller Overview, Filters)."""

import re
from dataclasses import dataclass, replace

from msgspec import structs

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.ruby_classes import Chain, Class, RubyClasses
from launchready.sources.frameworks.ruby_conditions import holds
from launchready.sources.frameworks.ruby_guards import POLICIES, TERMINALS, judge
from launchready.sources.readings import Guard, Reading

_BEFORE = re.compile(r"^(?:prepend_|append_)?(?:before|around)_(?:action|filter)$")
_SKIP = re.compile(r"^skip_(?:before|around)_(?:action|filter)$|^skip_action_callback$")
_SKIPS_POLICY = re.compile(r"^skip_(?:load_and_)?authorize?_?\w*resource$|^skip_authorization_check$")
# What gems and Rails bring that asks nobody who they are, and the usual names for loading and setting things.
_HARMLESS = re.compile(
    r"^(?:set|load|find|fetch|get|track|log|configure|prepare|assign|store|init|build|switch|use|add|update|increment|record|allow_browser"
    r"|verify_authenticity_token|protect_from_forgery|http_cache|process_token|prepend_view_path|require_no_authentication|skip_session|disable)(?:_|$)"
)
_OPEN_BASES = re.compile(
    r"^(?:ActionController::\w+|AbstractController::\w+|ActionView::\S+|ActiveSupport::\S+|Rails::\S+|Devise::\S+|DeviseController)$"
)
# A decision that is left to another object: Library.verify!(self).
_DECIDES_ELSEWHERE = re.compile(
    r"[\w\])]\.(?:auth(?!or(?!i))|verif|check|ensure|enforce|require_|assert|protect)\w*!?$", re.I
)
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: by name, or as a block. ``only`` and ``without`` are actions (None: not literal, so nobody knows)."""

    name: str
    file: str
    line: int
    block: Function | None = None
    only: tuple[str, ...] | None = ()
    without: tuple[str, ...] | None = ()
    conditions: tuple[tuple[str, str], ...] = ()
    skips: tuple["Filter", ...] = ()

    def runs(self, action: str) -> bool | None:
        """Whether it runs before an action; None when that cannot be told."""
        held: bool | None = None if self.only is None or self.without is None else True
        if (self.only and action not in self.only) or (self.without and action in self.without):
            return False
        for kind, text in self.conditions:
            value = holds(kind, text)
            if value is False and text != "devise_controller?":
                return None  # only for somebody who is known already
            held = None if value is None else held
        for skip in self.skips:
            skipped = skip.runs(action)
            if skipped:
                return False
            held = None if skipped is None else held
        return held


class Filters:
    """The filters of every controller, read once."""

    def __init__(self, reader: Reader, classes: RubyClasses) -> None:
        self._reader = reader
        self._classes = classes
        self._known: dict[tuple[str, str], tuple[Filter, ...]] = {}
        self._demanded: dict[tuple[str, str, str, str, int], Reading] = {}

    def before(self, one: Class, action: str) -> Reading:
        """What an action of a controller demands by its filters."""
        chain = self._classes.chain(one)
        devise = any(name.startswith("Devise") for name in chain.outside)
        reading = Reading()
        for entry in self._of(one, 0):
            runs = entry.runs(action)
            if runs is False:
                continue
            key = (one.path, one.function.name, entry.name, entry.file, entry.line)
            if key not in self._demanded:
                self._demanded[key] = self._demands(entry, chain, devise)
            demands = self._demanded[key]
            if runs is None and demands.guards:
                what = (
                    f"{entry.name or 'a block'} runs before {action} only under a condition that could not be followed"
                )
                demands = Reading(unsure=(Span(entry.file, entry.line, what),))
            reading += demands
        for name in chain.outside:
            if not _OPEN_BASES.match(name) and name.endswith("Controller"):
                what = f"{one.function.name} inherits from {name}, which is not in this source"
                reading += Reading(unsure=(Span(one.path, one.function.line, what),))
        return reading

    def _demands(self, entry: Filter, chain: Chain, devise: bool) -> Reading:
        if entry.block is not None:
            return judge(entry.file, structs.replace(entry.block, name="a block before the action"), chain, devise)
        found = chain.method(entry.name)
        if found is not None:
            reading = judge(found[0], found[1], chain, devise)
            overrides = TERMINALS.search(entry.name) and re.search(r"\bsuper\b", found[1].code)
            if overrides and not reading.guards:
                return Reading(unsure=(Span(found[0], found[1].line, f"{entry.name} may call what it overrides"),))
            unseen = next(
                (
                    call.text
                    for call in found[1].calls
                    if _DECIDES_ELSEWHERE.search(call.text) and _meets_strangers(call)
                ),
                "",
            )
            if unseen and not reading.guards and not reading.unsure:
                what = f"before_action {entry.name} calls {unseen}, which may refuse and was not followed"
                return Reading(unsure=(Span(entry.file, entry.line, what),))
            at = f"{entry.name} ({found[0]}:{found[1].line})"
            guards = tuple(
                replace(g, span=Span(entry.file, entry.line, f"before_action {at} refuses")) for g in reading.guards
            )
            return Reading(guards, reading.unsure)
        span = Span(entry.file, entry.line, f"before_action {entry.name}")
        if TERMINALS.search(entry.name) or entry.name == "http_basic_authenticate_with":
            if devise and entry.name.startswith("authenticate_"):
                return Reading()  # Devise lets its own controllers through
            return Reading((Guard(replace(span, what=f"{entry.name} refuses strangers")),))
        if POLICIES.search(entry.name):
            return Reading(
                unsure=(replace(span, what=f"{entry.name}: a policy decides, and it may let strangers pass"),)
            )
        if _HARMLESS.search(entry.name):
            return Reading()
        return Reading(unsure=(replace(span, what=f"before_action {entry.name} could not be followed"),))

    def _of(self, one: Class, depth: int) -> tuple[Filter, ...]:
        key = (one.path, one.function.name)
        if key not in self._known:
            self._known[key] = ()
            found: list[Filter] = []
            for base in one.function.bases if depth < _DEEPEST else ():
                above = self._classes.find(base.text, one.path, one.function.name)
                if above is not None and above.function.name != one.function.name:
                    found += self._of(above, depth + 1)
            self._lines(one.path, one.function.calls, one, found, {}, depth)
            self._known[key] = tuple(found)
        return self._known[key]

    def _lines(
        self, path: str, calls: tuple[Expr, ...], owner: Class, found: list[Filter], given: dict[str, Expr], depth: int
    ) -> None:
        if depth > _DEEPEST:
            return
        for call in calls:
            if _BEFORE.search(call.text):
                for one in _filters(path, call, given):
                    found[:] = [old for old in found if not (old.name and old.name == one.name)]
                    if call.text.startswith("prepend"):
                        found.insert(0, one)
                    else:
                        found.append(one)
            elif _SKIP.search(call.text):
                for one in _filters(path, call, given):
                    found[:] = [replace(f, skips=(*f.skips, one)) if f.name == one.name else f for f in found]
            elif _SKIPS_POLICY.search(call.text):
                found[:] = [f for f in found if not POLICIES.search(f.name)]
            elif call.text == "http_basic_authenticate_with" or POLICIES.search(call.text):
                found.append(_filter(path, call, call.text, given))
            elif call.text in ("include", "prepend"):
                for item in call.items:
                    concern = (
                        self._classes.find(item.text, owner.path, owner.function.name) if item.kind == "name" else None
                    )
                    for line in concern.function.calls if concern else ():
                        if concern and line.text in ("included", "prepended") and line.function:
                            self._lines(concern.path, line.function.calls, owner, found, {}, depth + 1)
            elif call.text == "with_options" and call.function:
                self._lines(path, call.function.calls, owner, found, dict(call.named), depth + 1)
            elif (
                call.kind == "call" and "." not in call.text and (macro := self._classes.chain(owner).macro(call.text))
            ):
                options = dict(call.named)
                self._lines(macro[0], _without_conditions(macro[1].calls, options), owner, found, options, depth + 1)


def _meets_strangers(call: Expr) -> bool:
    """Whether a call may run for somebody who is not known."""
    asked = [(kind, value.text) for kind, value in call.named if kind in ("if", "unless") and value.kind == "other"]
    return all(holds(kind, text) is not False for kind, text in asked)


def _without_conditions(calls: tuple[Expr, ...], options: dict[str, Expr]) -> tuple[Expr, ...]:
    """The lines of a macro that takes options: it hands them on as ``**options`` or ``options``."""
    return tuple(
        structs.replace(call, named=tuple((k, v) for k, v in call.named if k != "**")) if options else call
        for call in calls
    )


def _filters(path: str, call: Expr, given: dict[str, Expr]) -> list[Filter]:
    named = [_filter(path, call, item.text, given) for item in call.items if item.kind == "str"]
    for item in call.items:
        if item.kind == "function" and item.function:
            named.append(replace(_filter(path, call, "", given), block=item.function))
    if call.function is not None:
        named.append(replace(_filter(path, call, "", given), block=call.function))
    return named


def _filter(path: str, call: Expr, name: str, given: dict[str, Expr]) -> Filter:
    options = {**given, **{key: value for key, value in call.named if key in ("only", "except")}}
    conditions = [(key, _text(value)) for key, value in (*given.items(), *call.named) if key in ("if", "unless")]
    return Filter(
        name, path, call.line, None, _actions(options.get("only")), _actions(options.get("except")), tuple(conditions)
    )


def _text(value: Expr) -> str:
    if value.function is not None:
        return value.function.code.strip("{} \n")
    return " && ".join(item.text for item in value.items) if value.kind == "list" else value.text


def _actions(value: Expr | None) -> tuple[str, ...] | None:
    if value is None:
        return ()
    if value.kind == "str":
        return (value.text,)
    plain = value.kind == "list" and all(item.kind == "str" for item in value.items)
    return tuple(value.strings()) or ("",) if plain else None
