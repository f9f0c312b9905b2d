"""The calls on a stranger's walk: those that are followed, and what is known of the others by their names."""

import contextlib
import re
from dataclasses import replace

from launchready.sources.stranger.expressions import Expressions
from launchready.sources.stranger.names import DEEPEST, NEVER, Ended, Frame, Refused
from launchready.sources.stranger.requests import asked, parameter
from launchready.sources.stranger.syntax import Syntax
from launchready.sources.stranger.values import (
    NOTHING,
    UNKNOWN,
    Scope,
    Value,
    about,
    const,
    empty,
    holds,
    joined,
    one_of,
    signature,
)

# How many calls are followed that have nothing to do with the caller: enough for the factory of an error.
_IDLE = 2
_PERMISSIONS = re.compile(
    r"permission|polic(?:y|ies)|privileg|grants?\b|allowed|abilit|\broles?\b|access(?!or|ible)|\bacl|entitle|authori[sz]",
    re.I,
)
_GOES_THROUGH = re.compile(r"^(?:map|forEach|filter|find|findIndex|some|every|reduce|flatMap|sort)$")
_RUNS = re.compile(r"(?:transaction|withTransaction|runInTransaction|run|execute|retry|all|allSettled)$", re.I)
_ANSWERS = re.compile(r"^(?:json|send|end|render|redirect|sendFile|download|jsonp|write|html|text|body|view)$")
_TURNS_AWAY = re.compile(r"^(?:status|sendStatus|code|writeHead)$")
_SESSIONS = re.compile(
    r"^(?:getServerSession|getSession|currentUser|getCurrentUser|auth|getUser|supabase\.auth\.getUser)$"
)
_ASKS_SESSION = re.compile(r"\.auth\s*\.(?:getUser|getSession|getClaims)$|\.api\.getSession$")
# An authoriser by its name, such as `allow_read` or `isAuthorized`: `check` may ask for anything.
_PERMISSIONS_BY = re.compile(r"allow|authori[sz]|permi(?:t|ssion)|(?:^|\.)can[A-Z_]")


class Calls(Expressions):
    """The reasoning about calls."""

    def body(self, node: Syntax, frame: Frame) -> Value:
        """Walk the body of a function."""
        raise NotImplementedError

    def by_name(self, name: str, given: list[Value], frame: Frame) -> Refused | None:
        """Ask the functions that a call by name may mean."""
        raise NotImplementedError

    def given(self, node: Syntax, frame: Frame) -> list[Value]:
        """The arguments of a call."""
        arguments = node.get("arguments")
        if arguments is None or arguments.kind != "arguments":
            return []
        return [
            self.value(one.named[0] if one.kind == "spread_element" and one.named else one, frame)
            for one in arguments.named
            if one.kind != "comment"
        ]

    def made(self, node: Syntax, frame: Frame) -> Value:
        """``new Something(...)``: the value that it makes."""
        made = self.value(node.get("constructor"), frame)
        given = self.given(node, frame)
        if any(holds(one, "handler") for one in given):
            self.passes()
        if made.kind == "class" and not self.denies(node, frame):
            return self.instance(made, given, frame, node)
        if self.denies(node, frame):
            return Value("denial", node=node, path=frame.path)
        return Value("there")

    def instance(self, made: Value, given: list[Value], frame: Frame, at: Syntax) -> Value:
        """An object of a class, as its constructor leaves it."""
        signs = tuple(map(signature, given))
        key = None if None in signs or made.node is None else ("new", made.node.id, signs)
        known = self.known.made.get(key)
        if known is None:
            back, self._back, known = self._back, NEVER, Value("thing", made=made, more=True)
            self.construct(made, known, given, frame, at)
            if key is not None and self._back >= len(self._open):
                self.known.made[key] = known
            self._back = min(back, self._back)
        return replace(known, fields=dict(known.fields))

    def construct(self, made: Value, new: Value, given: list[Value], frame: Frame, at: Syntax) -> None:
        """Run the constructor of a class, or that of what it extends, on an object."""
        node, owner = self.method(made, "constructor", frame)
        if node is None or owner is None:
            return
        with contextlib.suppress(Refused):
            self.call(
                Value("code", node=node, path=owner.path, scope=owner.scope, this=new, made=owner), given, frame, at
            )

    def called(self, node: Syntax, frame: Frame) -> Value:
        """What a call gives, followed where that may decide who gets on."""
        called = (node.get("function") or node).bare()
        if called.kind == "super":
            parent = self.parent(frame.owner, frame) if frame.owner is not None else None
            if parent is not None and frame.this is not None:
                self.construct(parent, frame.this, self.given(node, frame), frame, node)
            return UNKNOWN
        if called.kind in ("member_expression", "subscript_expression"):
            return self._method_call(node, called, frame)
        name = called.text
        target = self.value(called, frame)
        given = self.given(node, frame)
        if target.kind in ("next", "answer"):
            return self.goes_on(given, node, frame)
        if target.kind == "handler":
            self.passes()
            return UNKNOWN
        if _SESSIONS.match(name) and target.kind == "unknown":
            # What a library knows of a session, nobody has that brings none.
            return Value("nothing", True, name)
        if target.kind == "code":
            return self._error(self.call(target, given, frame, node), node, frame)
        if name == "Boolean" and len(given) == 1 and target.kind == "unknown":
            asked_for = given[0]
            return (
                const(asked_for.truth, asked_for)
                if asked_for.truth is not None
                else Value("unknown", asked_for.about, asked_for.label, asked_for.stored)
            )
        return self.outside(name, target, given, node, frame)

    def _error(self, result: Value, node: Syntax, frame: Frame) -> Value:
        """What a call gave: an error that refuses, when its factory leads out of this source."""
        unclear = result.kind == "unknown" and not result.about
        return Value("denial", node=node, path=frame.path) if unclear and self.denies(node, frame) else result

    def _method_call(self, node: Syntax, called: Syntax, frame: Frame) -> Value:
        owner = called.get("object")
        name = self.key(called, frame)
        if owner is not None and owner.kind == "super":
            parent = self.parent(frame.owner, frame) if frame.owner is not None else None
            method, at = self.method(parent, name, frame)
            given = self.given(node, frame)
            if method is None or at is None:
                return UNKNOWN
            return self.call(
                Value("code", node=method, path=at.path, scope=at.scope, this=frame.this, made=at), given, frame, node
            )
        if name in ("catch", "then", "finally"):
            return self._promise(owner, name, node, frame)
        of = self.value(owner, frame)
        given = self.given(node, frame)
        if of.kind == "reply":
            return self._reply(name, given, node, frame)
        if of.kind == "handler":
            self.passes()
            return UNKNOWN
        if of.kind == "request" and (answer := asked(of, name, given, self.mode)) is not None:
            return answer
        if of.kind == "either":
            return self._each_of([self.part(one, name, frame) for one in of.items], given, frame, node)
        target = self.part(of, name, frame) if of.kind != "unknown" else self._member(called, frame)
        if of.kind == "unknown" and _ASKS_SESSION.search(called.text):
            return Value("nothing", True, "session")
        if name in ("call", "apply", "bind") and of.kind == "code":
            target, given = of, given[1:] if name == "call" else []
        if target.kind == "code":
            return self._error(self.call(target, given, frame, node), node, frame)
        if name == "includes" and given and (among := one_of(of, given[0])):
            return among
        if of.kind == "empty" or (of.about and of.kind in ("there", "nothing")):
            return (
                const(False, of)
                if re.match(r"includes|some|has|is|can|every|may|allow", name)
                else empty(of.label, of.stored)
            )
        if _GOES_THROUGH.match(name) and (of.kind != "thing" or of.made is None):
            return self._goes_through(name, of, given, node, frame)
        return self.outside(name, of, given, node, frame)

    def _each_of(self, targets: list[Value], given: list[Value], frame: Frame, node: Syntax) -> Value:
        """A call of one of several functions: it refuses when all of them do."""
        results, refusals = [], []
        for target in targets:
            try:
                results.append(self.call(target, given, frame, node) if target.kind == "code" else UNKNOWN)
            except Refused as refused:
                refusals.append(refused)
        if refusals and not results:
            raise refusals[0]
        result = results[0] if results else UNKNOWN
        for one in results[1:]:
            result = joined(result, one)
        return result

    def _promise(self, owner: Syntax | None, name: str, node: Syntax, frame: Frame) -> Value:
        if name != "catch":
            value = self.value(owner, frame)
            given = self.given(node, frame)
            return (
                self.call(given[0], [value], frame, node)
                if name == "then" and given and given[0].kind == "code"
                else value
            )
        try:
            return self.value(owner, frame)
        except Refused as refused:
            given = self.given(node, frame)
            if given and given[0].kind == "next":
                raise
            if given and given[0].kind == "code":
                return self.call(given[0], [Value("denial", True, refused.by.label, refused.by.stored)], frame, node)
            return UNKNOWN

    def _goes_through(self, name: str, of: Value, given: list[Value], node: Syntax, frame: Frame) -> Value:
        """``rows.map(check)``: what is done with each is done with the first."""
        result = UNKNOWN
        for one in given[:1]:
            if one.kind == "code":
                result = self.call(one, [UNKNOWN, UNKNOWN, UNKNOWN], frame, node)
        if name in ("some", "every", "find") and result.about:
            return (
                const(False, result) if result.truth is False else Value("unknown", True, result.label, result.stored)
            )
        return Value("unknown", of.about, of.label, of.stored)

    def outside(self, name: str, target: Value, given: list[Value], node: Syntax, frame: Frame) -> Value:
        """A call of what is not in this source, or cannot be found: what it says of the caller is what its name promises."""
        said = next((found for one in given if (found := about(one))), None) or about(target)
        callback = next((one for one in given if one.kind == "code"), None)
        if callback is not None and said is not None and _PERMISSIONS_BY.search(name):
            refused = self.by_name(name, [Value("answer") if one is callback else one for one in given], frame)
            if refused is not None:
                # Whom it lets through stands in the rules that it is given, and they may let a guest.
                by = Value("denial", True, name, stored=True)
                step = self.span(node, frame, f"asks {name}")
                try:
                    return self.call(callback, [by, empty(said.label, True)], frame, node)
                except Refused as inner:
                    raise Refused((step, *refused.chain), inner.by) from None
        elif callback is not None and _RUNS.search(name.rsplit(".", 1)[-1]):
            return self.call(callback, [UNKNOWN, UNKNOWN], frame, node)
        if any(one.kind == "reply" or holds(one, "handler") for one in given):
            self.passes()
        if self.denies(node, frame):
            return Value("denial", node=node, path=frame.path)
        if said is not None and _PERMISSIONS.search(name):
            return empty(name.rsplit(".", 1)[-1], stored=True)
        return UNKNOWN

    def _reply(self, name: str, given: list[Value], node: Syntax, frame: Frame) -> Value:
        status = given[0].const if given and isinstance(given[0].const, float) else None
        turned_away = (_TURNS_AWAY.match(name) and status in (401, 403)) or re.search(
            r"\.(?:status|code)\(\s*[\w.]*(?:40[13]|UNAUTHORIZED|FORBIDDEN)\s*\)", node.text, re.I
        )
        if turned_away:
            if frame.decided is not None:
                raise Refused((self.span(node, frame, f"answers {node.text[:60]}"),), frame.decided)
            raise Ended
        if re.search(r"\.(?:status|code)\(\s*[45]\d\d\s*\)", node.text) and _ANSWERS.match(name):
            raise Ended
        if _ANSWERS.match(name):
            self.passes()
        return Value("reply")

    def goes_on(self, given: list[Value], node: Syntax, frame: Frame) -> Value:
        """``next()``, ``next(error)``, and the callback of an authoriser."""
        error = given[0] if given else NOTHING
        if error.kind == "denial":
            by = frame.decided if frame.decided is not None else error
            if by.about:
                raise Refused((self.span(node, frame, f"refuses: {node.text[:80]}"),), by)
            raise Ended
        if error.kind in ("there", "thing"):
            raise Ended
        if not (error.kind == "const" and error.const == "route"):
            self.passes()
        return NOTHING

    def passes(self) -> None:
        """Somebody without anything got on from here."""
        self.passed.append(dict(self.request.fields) if self.request is not None else {})

    def call(self, target: Value, given: list[Value], frame: Frame, at: Syntax) -> Value:
        """Follow a call. A refusal in it comes through, with the place of the call before its chain."""
        node = target.node
        said = next((found for one in (*given, target.this) if (found := about(one))), None)
        key = (node.id if node is not None else 0, said is not None)
        around = any(holds(one, "handler") for one in given)
        follows = said is not None or around or any(one.kind in ("request", "code", "next", "answer") for one in given)
        if node is None or (not follows and frame.idle >= _IDLE):
            return UNKNOWN
        if key in self._open or frame.depth >= DEEPEST or self._left <= 0:
            if around:
                self.passes()
            self._back = min(self._back, self._open.get(key, -1))
            return UNKNOWN
        signs = (signature(target.this), *map(signature, given))
        # A closure sees names around it, and a constructor is run for what it does to its object.
        own = bool(target.scope and target.scope.names) or (node.get("name") or node).text == "constructor"
        run = None if own or None in signs else (node.id, 0 if follows else frame.idle + 1, signs)
        if run is None or run not in self.known.runs:
            back, passed, self._back = self._back, len(self.passed), NEVER
            came_to = self._run(target, node, given, frame, follows, key)
            whole = self._back >= len(self._open)
            if run is not None and whole and passed == len(self.passed):
                self.known.runs[run] = came_to
            self._back = back if whole else min(back, self._back)
        else:
            came_to = self.known.runs[run]
        if came_to is None:
            raise Ended
        name = _name(at)
        if isinstance(came_to, Refused):
            if node.has("async") and not waited_for(at):
                return UNKNOWN
            raise Refused((self.span(at, frame, f"calls {name}"), *came_to.chain), came_to.by)
        if came_to.kind == "unknown" and said is not None and _PERMISSIONS.search(name.rsplit(".", 1)[-1]):
            return empty(name.rsplit(".", 1)[-1], stored=True)
        return came_to

    def _run(
        self, target: Value, node: Syntax, given: list[Value], frame: Frame, follows: bool, key: tuple[int, bool]
    ) -> Value | Refused | None:
        """What a run of a function comes to: a value, a refusal, or None for another error."""
        self._left -= 1
        self._open[key] = len(self._open)
        depth, idle = frame.depth + 1, 0 if follows else frame.idle + 1
        inner = Frame(target.path, Scope(around=target.scope), target.made, target.this, depth=depth, idle=idle)
        try:
            self._bind_parameters(node, given, inner)
            return self.body(node, inner)
        except Refused as refused:
            return Refused(refused.chain, refused.by)
        except Ended:
            return None
        finally:
            del self._open[key]

    def _bind_parameters(self, node: Syntax, given: list[Value], frame: Frame) -> None:
        for index, pattern in enumerate(parameters(node)):
            self.bind(pattern, given[index] if index < len(given) else NOTHING, frame)

    def entry(self, node: Syntax, path: str, scope: Scope | None = None) -> Frame:
        """The run of a handler: its parameters are the request and the reply, by their names."""
        frame = Frame(path, Scope(around=scope))
        for pattern in parameters(node):
            named = pattern.get("pattern") or pattern
            value = parameter(named.text) or (Value("request") if named.kind == "object_pattern" else UNKNOWN)
            if value.kind == "request" and self.request is None:
                self.request = value
            self.bind(pattern, value, frame)
        return frame


def parameters(node: Syntax) -> list[Syntax]:
    """The parameters of a function."""
    single = node.get("parameter")
    several = node.get("parameters")
    return (
        [single]
        if single is not None
        else [one for one in several.named if one.kind != "comment"]
        if several is not None
        else []
    )


def waited_for(at: Syntax) -> bool:
    """Whether somebody waits for what an asynchronous call says: ``await``, ``return``, or a list of such that is waited for."""
    node: Syntax | None = at
    while node is not None and (above := node.above) is not None:
        if above.kind in ("await_expression", "return_statement"):
            return True
        if above.kind == "arrow_function":
            return True
        if above.kind in ("expression_statement", "variable_declarator", "statement_block", "program"):
            return False
        node = above
    return False


def _name(at: Syntax) -> str:
    called = at.get("function") or at.get("constructor")
    return re.sub(r"\s+", "", called.text)[:80] if called is not None else "it"
