"""Whether a function keeps people out: by what it does, not by what it is called.

A guard refuses: it answers 401 or 403, sends to a login page, raises the framework's denial, or relies on a known terminal
of an auth library. A function that only opens a database session is none, whatever its name.
"""

import re
from dataclasses import replace
from itertools import chain

from msgspec import structs

from launchready.model.surface import Span
from launchready.sources.brought import only_when_brought
from launchready.sources.call_names import (
    AMBIENT,
    DECIDES,
    MAY_NAME,
    ROLE_HELPER,
    ROUTINE,
    WHEN_GIVEN,
    WHOLE_REQUEST,
    is_request,
)
from launchready.sources.callers import (
    GIVEN_ON,
    about_caller,
    asks_another,
    asks_caller,
    hands_caller,
    lets_anybody,
    of_blocked,
    of_cross_site,
    without_others,
)
from launchready.sources.caught import (
    answers_errors,
    goes_on_without,
    of_others,
    of_raised,
    swallows,
    tells_errors_apart,
)
from launchready.sources.certain import sure_calls
from launchready.sources.decided_by_settings import decided_by_setting
from launchready.sources.denials import Denials
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.go_refusals import lets_nothing_through
from launchready.sources.goes_on import goes_on
from launchready.sources.handed_sessions import handed_to_anybody
from launchready.sources.knows_caller import decodes, knows_caller
from launchready.sources.let_pass import SCRIPTS, perhaps_passed, perhaps_unsigned
from launchready.sources.made_functions import as_called
from launchready.sources.made_to_be_kept import only_kept
from launchready.sources.of_callers import of_callers
from launchready.sources.out_of_sight import out_of_sight
from launchready.sources.outside_production import answers_only_when
from launchready.sources.python_classes import method_called
from launchready.sources.python_ends import sends_away as sent_away
from launchready.sources.readings import Guard, Reading
from launchready.sources.refusals import DENIED_TERNARY, refusals
from launchready.sources.resolver import Resolver
from launchready.sources.role_helpers import asked_by_helpers
from launchready.sources.role_names import (
    compared_in,
    members_given,
    members_in,
    named_for,
    roles_given,
    roles_in,
    sent_elsewhere,
    turned_back,
    values_of_members,
)
from launchready.sources.sent_away import sends_away
from launchready.sources.signatures import can_end, verifies
from launchready.sources.sometimes import (
    asked_when_sent,
    by_setting,
    only_sometimes,
    passes_before,
)
from launchready.sources.stops import Stops
from launchready.sources.stranger.judge import Met, Strangers
from launchready.sources.switched import switched_by
from launchready.sources.tenants import names_a_tenant

_OF_ADDRESS = re.compile(r"^(?:\w+\.)?params\??\.\w+$")
_FORBIDS = re.compile(r"403|forbid|denied|permission", re.I)
_HOPS = 6


class Guards:
    """Judges functions, following what they call through the files of one tree."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str, int, str], Guard | None] = {}
        self._deciding: dict[tuple[str, str, int, str], Expr | None] = {}
        self._denials = Denials(resolver)
        self._stops = Stops(resolver)
        self.strangers = Strangers(resolver)

    def function(self, path: str, function: Function, hops: int = _HOPS) -> Guard | None:
        """The guard a function is, following helpers it calls; None when nothing in it refuses."""
        key = (path, function.name, function.line, function.code)
        if key not in self._known:
            self._known[key] = None  # a function that calls itself adds nothing
            self._known[key] = self._judge(path, function, hops)
        return self._known[key]

    def _judge(self, path: str, function: Function, hops: int) -> Guard | None:
        guard = self.code(path, function)
        if hops <= 0 or (guard is not None and not guard.doubt and (guard.roles or guard.signature)):
            return guard
        if guard is not None and guard.doubt:
            # What is refused here is another matter; a helper may have asked before.
            sure = (call for call in sure_calls(function) if path.endswith(SCRIPTS))
            before = (
                self._helper(path, call, hops - 1, function) for call in sure if self._may_ask(path, function, call)
            )
            return next((one for one in before if one is not None and not one.doubt), guard)
        if guard is not None:
            # Who is signed in is asked here, or the refusal of a helper is answered: `try { await asAdmin() } catch { … 403 }`;
            # and the role where the helper asks for it.
            asked = (
                one.roles for call in sure_calls(function) if (one := self._helper(path, call, hops - 1, function))
            )
            named = (self._asked_roles(path, call, hops - 1) for call in function.calls)
            return replace(guard, roles=next(filter(None, chain(asked, named)), ()))
        for method in function.methods if function.is_class else ():
            if method.name in ("__call__", "authenticate", "dispatch", "canActivate", "use", "handle", "__init__") and (
                found := self.function(path, method, hops - 1)
            ):
                return found
        for call in function.calls:
            if (
                call.text
                and self._may_ask(path, function, call)
                and (helper := self._helper(path, call, hops - 1, function))
            ):
                if helper.signature and helper.optional:
                    if not can_end(function.code):
                        # What a bad signature gives back is handed on, and nobody says no.
                        continue
                    helper = replace(helper, optional=False)
                if goes_on_without(function.code, call.text, python=path.endswith(".py")):
                    continue
                called = [match.start() for match in re.finditer(rf"\b{re.escape(call.text)}\(", function.code)]
                if path.endswith(SCRIPTS) and called and all(of_others(function.code, at) for at in called):
                    continue
                if path.endswith(SCRIPTS) and only_kept(self._resolver, path, function.code, call.text):
                    continue
                roles = (*helper.roles, *self._given_roles(path, call, helper)) or self._compared(path, function.code)
                named = (self._asked_roles(path, one, hops - 1) for one in function.calls if one is not call)
                roles = roles or next(filter(None, named), ())
                optional = helper.optional or (not helper.signature and bool(WHEN_GIVEN.search(function.code)))
                optional = optional or (path.endswith(SCRIPTS) and lets_anybody(call))
                near = any(asks_caller(function, at) for at in called if path.endswith(SCRIPTS))
                by_caller = helper.by_caller or hands_caller(function, call) or near
                optional = optional or only_when_brought(path, function.code, called)
                if path.endswith(".go") and not helper.signature:
                    optional = helper.optional or bool(called and not lets_nothing_through(function.code, called))
                elif path.endswith(SCRIPTS):
                    optional = optional or only_sometimes(function.code, called) or passes_before(function.code, called)
                    optional = optional or (helper.signature and asked_when_sent(function.code, called))
                return replace(helper, roles=roles, by_caller=by_caller, optional=optional)
        return None

    def _asked_roles(self, path: str, call: Expr, hops: int) -> tuple[str, ...]:
        """The roles without which a helper that is called refuses."""
        helper = self._helper(path, call, hops) if call.text and ROLE_HELPER.search(call.text) else None
        return () if helper is None or helper.doubt else (*helper.roles, *self._given_roles(path, call, helper))

    def _may_ask(self, path: str, function: Function, call: Expr, hops: int = 3) -> bool:
        """Whether a call can know who is asking: it is handed something, or looks it up where the framework keeps the request."""
        if call.items and all(_OF_ADDRESS.match(item.text) for item in call.items) and path.endswith(SCRIPTS):
            # `ensureId(params.id)`: everybody who asks brings the parts of the address.
            there = self._resolver.find(path, call.text)
            return bool(there and there.function and AMBIENT.search(there.function.code))
        takes_request = any(param.name.lstrip("_") in GIVEN_ON for param in function.params)
        if not takes_request or call.items or call.on is not None or not path.endswith(SCRIPTS):
            return True
        found = self._resolver.find(path, call.text)
        if found is None or found.function is None or AMBIENT.search(found.function.code):
            return True
        asks = structs.replace(found.function, params=function.params)
        # What it hands on of its own parameters is nothing, for nothing was given.
        own = {param.name for param in found.function.params}
        inner = (one for one in found.function.calls if one.text and all(item.text in own for item in one.items))
        return hops > 0 and any(
            self._may_ask(found.path, asks, structs.replace(one, items=()), hops - 1)
            for one in inner
            if (there := self._resolver.find(found.path, one.text)) and there.function
        )

    def _helper(self, path: str, call: Expr, hops: int, caller: Function | None = None) -> Guard | None:
        found = self._resolver.find(path, call.text)
        if path.endswith(".py"):
            found = method_called(self._resolver, path, call, found)
        if found is None or found.function is None or found.function.is_class:
            return None
        asked, script = found.function, found.path.endswith(SCRIPTS)
        if (swallows(asked.code) or answers_errors(asked)) if script else tells_errors_apart(asked):
            return None
        if caller is not None and script:
            asked = as_called(asked, caller, call.text)
        guard = self.function(found.path, asked, hops)
        # A function of a decorated kind refuses whoever calls it.
        for mark in found.function.decorators if guard is None and found.path.endswith(".py") else ():
            made = self._resolver.find(found.path, mark.text) if mark.text else None
            if made and made.function and (inner := self.function(made.path, made.function, hops - 1)):
                return replace(inner, roles=inner.roles or self.factory_roles(mark))
        return guard

    def code(self, path: str, function: Function) -> Guard | None:
        """The guard that a body is by itself."""
        text, python = without_others(function.code), path.endswith(".py")
        function = structs.replace(function, code=text) if text != function.code else function
        lowered, name = text.lower(), function.name or "a function"
        signed = verifies(text, lowered)
        found = of_callers(path, function, (*refusals(text, lowered), *self._denials.raised(path, text)))
        given = " ".join(param.name for param in function.params)
        away = sends_away(text, given) if path.endswith(SCRIPTS) else sent_away(text, given) if python else []
        denied = [one.start() for one in DENIED_TERNARY.finditer(text)]
        denied = [at for at in denied if not (of_cross_site(text, at) or by_setting(text, at))]
        if not found and not away and not signed and not denied:
            elsewhere = sent_elsewhere(text) if python else ()
            span = Span(path, function.line, f"{name} sends whoever has another role elsewhere")
            return Guard(span, elsewhere, by_caller=True) if elsewhere else None
        tenant = next((p.name for p in function.params if names_a_tenant(p.name)), "")
        span = Span(path, function.line, f"{name} verifies a signature" if signed else f"{name} refuses")
        others = (asks_another, by_setting, of_blocked)
        places = [at for at in (one.start() for one in found) if not any(of(text, at) for of in others)]
        plain = signed or bool(away) or any(not _FORBIDS.search(one.group()) for one in found if one.start() in places)
        raised = python and bool(places) and all(of_raised(text, at) for at in places)
        by_caller = not raised and (
            plain or any(asks_caller(function, place) for place in places) or (not found and about_caller(function))
        )
        optional = (
            perhaps_unsigned(path, text, [*places, *away], refuses=bool(found))
            if signed
            else perhaps_passed(path, text, [*places, *away], given, denied)
        )
        # What a page compares roles for, besides sending strangers away, is what it shows, unless it says no.
        roles = roles_in(text, python) if found or signed or denied else turned_back(text, python)
        roles = roles or tuple(dict.fromkeys(asked_by_helpers(self._resolver, path, text)))
        if not roles and by_caller and any(_FORBIDS.search(one.group()) for one in found):
            roles = named_for(function.name)
        if found and (members := members_in(text)):
            roles = tuple(
                dict.fromkeys(
                    (*(role for role in roles if role != "admin"), *values_of_members(self._resolver, path, members))
                )
            )
        on = path.endswith(SCRIPTS) and not away and goes_on(text, places)
        plainly = by_caller and not signed and not denied
        # Who is let pass by a setting alone is kept out by the other: that is the word, where its name is known.
        by_settings = python and plainly and optional
        by_settings = by_settings and not perhaps_passed(path, text, [*places, *away], given, settings=False)
        sure = (python or path.endswith(SCRIPTS)) and plainly and (by_settings or not optional)
        switch = switched_by(text, [*places, *away], python=python) if sure else ""
        switch = switch or (decided_by_setting(self._resolver, path, text, places) if sure and python else "")
        optional = optional and not (by_settings and switch)
        given = handed_to_anybody(self._resolver, text) if python and away and not roles else ""
        return Guard(span, roles, tenant, signed, by_caller, optional, goes_on=on, only_when=switch, given=given)

    def _compared(self, path: str, code: str) -> tuple[str, ...]:
        return compared_in(code) or tuple(dict.fromkeys(asked_by_helpers(self._resolver, path, code)))

    def inside(self, path: str, function: Function, followed: frozenset[str] = frozenset()) -> Reading:
        """What a handler itself does about the caller: a guard, or a sign that it is decided where we could not follow. Calls that are ``followed`` were looked at elsewhere."""
        when = answers_only_when(function.code) if path.endswith(SCRIPTS) else ""
        return self._inside(path, function, followed).reached_when(when)

    def _inside(self, path: str, function: Function, followed: frozenset[str]) -> Reading:
        guard = self.function(path, function)
        if guard is not None and not guard.doubt:
            named = self.deeper(path, function) if not guard.roles and MAY_NAME.search(function.code) else None
            if named is None or named.deeper is None:
                return Reading((guard,))
            by_data = named.deeper.stored and not named.deeper.doubt(frozenset())
            return Reading((named if by_data else replace(guard, roles=named.roles),))
        if deeper := self.deeper(path, function):
            return Reading((deeper,) if guard is None else (guard, deeper))
        if path.endswith(SCRIPTS) and (stopped := self._stopped(path, function)):
            return Reading((stopped,))
        if guard is not None:
            return Reading((guard,))
        name = function.name or "the handler"
        if known := knows_caller(function.code) or decodes(function.code):
            return Reading(unsure=(Span(path, function.line, f"{name} knows the caller ({known})"),))
        deciding = self._maybe_refuses(path, function)
        if deciding is not None and deciding.text not in followed:
            what = f"{name} calls {deciding.text}, which may refuse in a way that could not be followed"
            return Reading(unsure=(Span(path, deciding.line, what),))
        return self.handed_on(path, function, followed)

    def _stopped(self, path: str, function: Function) -> Guard | None:
        """The guard of a handler that gives nothing to who has no session."""
        stop = self._stops.of(path, function)
        if stop is None or only_sometimes(function.code, [stop.at]):
            return None
        roles = next(filter(None, (self._compared(where, helper.code) for where, helper in stop.helpers)), ())
        what = f"{function.name or 'the handler'} gives nothing to who has no session"
        return Guard(Span(path, function.line, what), roles or self._compared(path, function.code), by_caller=True)

    def deeper(self, path: str, function: Function) -> Guard | None:
        """The guard that stands in what a body hands the caller to, however deep: a stranger who walks through it is refused."""
        own = self.function(path, function)
        walks = knows_caller(function.code) and not (own is not None and own.goes_on)
        met = self.strangers.handler(path, function) if walks else None
        return self.met(met, Span(path, function.line, function.name or "the handler")) if met is not None else None

    def made(self, path: str, call: Expr) -> Guard | None:
        """The guard that a call makes, such as ``can("read")``, when a stranger is refused deeper down."""
        met = self.strangers.made(path, call)
        name = call.text or (call.on.text if call.on is not None else "")
        return self.met(met, Span(path, call.line, name)) if met is not None else None

    def wrapped(self, path: str, call: Expr, inner: int) -> Guard | None:
        """The guard that a wrapper is, when it answers strangers itself: the handler is its argument number ``inner``."""
        met = self.strangers.wrapped(path, call, inner)
        if met is None:
            return None
        what = f"{call.text} lets nobody to the handler who has no {met.by.removeprefix('a ')}"
        return Guard(Span(path, call.line, what), met.roles, by_caller=True)

    @staticmethod
    def met(met: Met, at: Span) -> Guard:
        """The guard that refuses a stranger so."""
        by = f"stored permissions decide ({met.by}), and" if met.stored else f"it asks for {met.by}, and"
        return Guard(
            replace(at, what=f"{at.what} hands the caller on: {by} who has none is refused"), met.roles, deeper=met
        )

    def handed_on(self, path: str, function: Function, followed: frozenset[str] = frozenset()) -> Reading:
        """Whether a body gives the request to something that may refuse it and could not be followed."""
        name = function.name or "the handler"
        for call in function.calls:
            given = any(item.kind in ("name", "other") and item.text in WHOLE_REQUEST for item in call.items)
            known = call.text in followed or (call.on is not None and call.on.text == "super")
            # Laravel's own, of every controller (ValidatesRequests).
            known = known or (path.endswith(".php") and call.text == "this.validate")
            if (
                given
                and call.text
                and not known
                and not ROUTINE.search(call.text)
                and out_of_sight(self._resolver, path, call.text)
            ):
                what = f"{name} hands the request to {call.text}, which could not be followed"
                return Reading(unsure=(Span(path, call.line, what),))
        return Reading()

    def may_refuse(self, path: str, function: Function) -> Reading:
        """What a function calls that decides by its name who may pass, where no refusal of it was seen."""
        call = self._maybe_refuses(path, function)
        told = f"{function.name} calls {call and call.text}, which may refuse in a way that could not be followed"
        return Reading(unsure=(Span(path, function.line, told),) if call else ())

    def _maybe_refuses(self, path: str, function: Function, hops: int = 3) -> Expr | None:
        """A call on the way whose name says that it decides who may pass, although no refusal of it was seen."""
        key = (path, function.name, function.line, function.code)
        if key not in self._deciding:
            self._deciding[key] = None
            self._deciding[key] = self._deciding_call(path, function, hops)
        return self._deciding[key]

    def _deciding_call(self, path: str, function: Function, hops: int) -> Expr | None:
        for call in function.calls:
            if DECIDES.search(call.text.rsplit(".", 1)[-1]):
                return call
        for call in function.calls if hops else ():
            given = any(is_request(item) for item in call.items)
            found = self._resolver.find(path, call.text) if given and call.text else None
            if found and found.function and (deeper := self._maybe_refuses(found.path, found.function, hops - 1)):
                return structs.replace(call, text=f"{call.text}, which calls {deeper.text}")
        return None

    def _given_roles(self, path: str, call: Expr, guard: Guard) -> tuple[str, ...]:
        if guard.roles or not ROLE_HELPER.search(call.text.rsplit(".", 1)[-1]):
            return ()
        given = (*call.strings(), *members_given(self._resolver, path, call))
        return tuple(text for text in given if re.fullmatch(r"[A-Za-z][\w-]{1,30}", text))

    def factory_roles(self, call: Expr, path: str = "") -> tuple[str, ...]:
        """The roles or permissions given to a guard factory: ``require_role("admin")``, ``can("keys:read,keys:write")``; ``Allowed([Role.CHEF])`` with its file."""
        return roles_given(self._resolver, path, call)
