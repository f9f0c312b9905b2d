"""The statements of a function on a stranger's walk: which way a branch goes, what ends in a refusal, and what comes through."""

import re

from launchready.sources.facts.script_values import FUNCTIONS
from launchready.sources.stranger.calls import Calls
from launchready.sources.stranger.files import CLASSES
from launchready.sources.stranger.names import Ended, Frame, Refused
from launchready.sources.stranger.syntax import Syntax
from launchready.sources.stranger.values import NOTHING, UNKNOWN, Scope, Value, about, joined, merged

# `if (req.path.endsWith("me")) return next()`: such a request is meant for another route.
_BY_PATH = re.compile(r"\(*!?\s*(?:req|request)\.(?:path|url|originalUrl|baseUrl|method)\b[^&|]*$")
_STEPS_ASIDE = re.compile(r"\{?\s*return\s+next\(\s*(?:[\"']route[\"'])?\s*\);?\s*\}?$")
_DENIES = re.compile(
    r"(?:\bstatus(?:Code)?\s*:\s*40[13]\b|,\s*40[13]\s*\)|\b(?:Unauthorized|Forbidden)\w*\(|\b(?:unauthorized|forbidden)\(\))",
    re.I,
)


class Walk(Calls):
    """One walk through one handler."""

    aside = False
    _asking: frozenset[str] = frozenset()

    def body(self, node: Syntax, frame: Frame) -> Value:
        """Walk a function: its value when somebody without anything comes through, else the refusal."""
        body = node.get("body")
        if body is None:
            return UNKNOWN
        if body.kind != "statement_block":
            return self.value(body, frame)
        falls = self._block(body, frame)
        if falls:
            frame.returned.append(NOTHING)
        if not frame.returned:
            if frame.refused:
                raise frame.refused[0]
            raise Ended
        result = frame.returned[0]
        for one in frame.returned[1:]:
            result = joined(result, one)
        return result

    def _block(self, block: Syntax, frame: Frame) -> bool:
        for child in block.named:
            if child.kind == "function_declaration" and (name := child.get("name")):
                frame.scope.names[name.text] = Value(
                    "code", node=child, path=frame.path, scope=frame.scope, this=frame.this, made=frame.owner
                )
        return all(self._statement(child, frame) for child in block.named)

    def _statement(self, node: Syntax, frame: Frame) -> bool:
        """Whether the way goes on behind a statement."""
        try:
            return self._one(node, frame)
        except Refused as refused:
            frame.refused.append(refused)
        except Ended:
            pass
        return False

    def _one(self, node: Syntax, frame: Frame) -> bool:
        match node.kind:
            case "return_statement":
                self._return(node, frame)
                return False
            case "throw_statement":
                self._throw(node, frame)
            case "if_statement":
                return self._if(node, frame)
            case "statement_block":
                return self._block(node, frame)
            case "try_statement":
                return self._try(node, frame)
            case "for_in_statement" | "for_statement" | "while_statement" | "do_statement":
                return self._loop(node, frame)
            case "switch_statement":
                return self._switch(node, frame)
            case "lexical_declaration" | "variable_declaration":
                for one in node.named:
                    if one.kind == "variable_declarator" and (name := one.get("name")):
                        self.bind(name, self.value(one.get("value"), frame), frame)
            case "expression_statement":
                for one in node.named:
                    self.value(one, frame)
            case "labeled_statement":
                return all(self._statement(one, frame) for one in node.named if one.kind != "statement_identifier")
            case "break_statement" | "continue_statement":
                return False
            case kind if kind in FUNCTIONS or kind in CLASSES:
                pass
        return True

    def _return(self, node: Syntax, frame: Frame) -> None:
        value = self.value(node.named[0], frame) if node.named else NOTHING
        denies = value.kind == "denial" or (bool(node.named) and bool(_DENIES.search(node.text)) and not about(value))
        if denies and frame.decided is not None and frame.depth == 0:
            raise Refused((self.span(node, frame, f"answers {node.text[7:80]}"),), frame.decided)
        frame.returned.append(value)

    def _throw(self, node: Syntax, frame: Frame) -> None:
        thrown = (node.named[0]).bare() if node.named else node
        value = self.value(thrown, frame)
        denies = value.kind == "denial" or (
            thrown.kind in ("new_expression", "call_expression") and self.denies(thrown, frame)
        )
        by = frame.decided if frame.decided is not None else value if value.kind == "denial" and value.about else None
        if denies and by is not None:
            raise Refused((self.span(node, frame, f"refuses: {node.text[:80]}".split("\n")[0]),), by)
        raise Ended

    def _if(self, node: Syntax, frame: Frame) -> bool:
        asked, then, other = (node.get(name) for name in ("condition", "consequence", "alternative"))
        if asked is None or then is None:
            return True
        test = self.value(asked, frame)
        if test.about:
            frame.decided = test
        otherwise = other.named[0] if other is not None and other.kind == "else_clause" and other.named else other
        if test.truth is not None:
            self._refine(asked, test.truth, frame)
            taken = then if test.truth else otherwise
            return taken is None or self._statement(taken, frame)
        if otherwise is None and _BY_PATH.match(asked.text) and _STEPS_ASIDE.match(then.text):
            self.aside = True
            return True
        before, decided = dict(frame.scope.names), frame.decided
        self._refine(asked, True, frame)
        goes = self._statement(then, frame)
        after, frame.scope.names, frame.decided = frame.scope.names, dict(before), decided
        self._refine(asked, False, frame)
        falls = otherwise is None or self._statement(otherwise, frame)
        if goes and falls:
            frame.scope.names = dict(merged(after, frame.scope.names))
        elif goes:
            frame.scope.names = after
        return goes or falls

    def _refine(self, asked: Syntax, holds: bool, frame: Frame) -> None:
        """What a test says of the names in it, where it holds or does not."""
        asked = asked.bare()
        if asked.kind == "identifier":
            known = frame.scope.find(asked.text)
            if known is not None and known.kind == "unknown":
                frame.scope.put(
                    asked.text, Value("there" if holds else "nothing", known.about, known.label, known.stored)
                )
        elif asked.kind == "unary_expression" and asked.text.startswith("!") and (inner := asked.get("argument")):
            self._refine(inner, not holds, frame)
        elif asked.kind == "binary_expression" and holds and (asked.get("operator") or asked).text == "&&":
            for side in ("left", "right"):
                if (part := asked.get(side)) is not None:
                    self._refine(part, True, frame)

    def _try(self, node: Syntax, frame: Frame) -> bool:
        body, handler, last = (node.get(name) for name in ("body", "handler", "finalizer"))
        before = len(frame.refused)
        falls = body is None or self._statement(body, frame)
        refused = frame.refused[before:]
        if handler is not None and refused:
            del frame.refused[before:]
            by = refused[0].by
            parameter, caught = handler.get("parameter"), handler.get("body")
            if parameter is not None:
                self.bind(parameter, Value("denial", True, by.label, by.stored), frame)
            decided, frame.decided = frame.decided, by
            goes = caught is None or self._statement(caught, frame)
            frame.decided = decided
            # However it is put in the end, the reason is the first one.
            frame.refused[before:] = [Refused(refused[0].chain, one.by) for one in frame.refused[before:]]
            falls = falls or goes
        elif handler is not None and (caught := handler.get("body")) is not None:
            # What goes wrong in it may be answered all the same.
            names = dict(frame.scope.names)
            goes = self._statement(caught, frame)
            frame.scope.names = dict(merged(names, frame.scope.names)) if goes and falls else names
            falls = falls or goes
        if last is not None and last.named:
            self._statement(last.named[0], frame)
        return falls

    def _loop(self, node: Syntax, frame: Frame) -> bool:
        """A loop over what was asked for runs once; one over what a stranger has none of does not."""
        right, left, body = (node.get(name) for name in ("right", "left", "body"))
        if node.kind == "for_in_statement":
            series = self.value(right, frame)
            if series.kind in ("empty", "nothing"):
                return True
            if left is not None:
                self.bind(left, UNKNOWN, frame)
        certain = node.kind in ("for_in_statement", "for_statement", "do_statement")
        if body is None:
            return True
        leaves = re.search(r"\b(?:break|continue)\b", body.text) is not None
        goes = self._statement(body, frame)
        return goes or leaves or not certain

    def _switch(self, node: Syntax, frame: Frame) -> bool:
        body = node.get("body")
        self.value(node.get("value"), frame)
        falls, default = False, False
        for case in body.named if body is not None else ():
            names = dict(frame.scope.names)
            default |= case.kind == "switch_default"
            statements = [one for one in case.named if one != case.get("value")]
            falls |= all(self._statement(one, frame) for one in statements) or bool(
                case.within(frozenset(("break_statement",)))
            )
            frame.scope.names = names
        return falls or not default

    def by_name(self, name: str, given: list[Value], frame: Frame) -> Refused | None:
        """A method of something that could not be followed: the first function of that name in this source that refuses a stranger by
        its callback."""
        word = name.rsplit(".", 1)[-1]
        if word not in self._asking:
            for path, node in self.files.named(word):
                outer, self._asking = self._asking, self._asking | {word}
                passed = list(self.passed)
                try:
                    at = Frame(path, Scope(), depth=frame.depth + 1)
                    target = (
                        self.value(node, at)
                        if node.kind == "call_expression"
                        else Value("code", node=node, path=path, scope=Scope(), this=Value("thing", more=True))
                    )
                    if target.kind == "code":
                        self.call(target, given, at, node)
                except Refused as refused:
                    return refused
                except Ended:
                    continue
                finally:
                    self._asking, self.passed = outer, passed
        return None
