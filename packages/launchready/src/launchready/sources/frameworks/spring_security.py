"""Spring Security: the rules of SecurityFilterChain beans in their order, method security, filters that refuse by themselves.

docs.spring.io/spring-security/reference/servlet/authorization/authorize-http-requests.html: the first rule that matches decides, and a
request that matches none is denied. .../method-security.html: annotations do nothing until method security is enabled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.spring_names import SpringNames
from launchready.sources.readings import Guard, Reading

_CHAIN = re.compile(r"^Security(?:Web)?FilterChain$")
_MATCHERS = frozenset(
    ("requestMatchers", "antMatchers", "mvcMatchers", "pathMatchers", "regexMatchers", "antMatcher", "mvcMatcher")
)
# Calls that stand for the patterns they are given.
_PATTERNS = frozenset((*_MATCHERS, "pattern", "matcher", "AntPathRequestMatcher", "of", "asList", "arrayOf", "listOf"))
_ALL = frozenset(("anyRequest", "anyExchange"))
_DEMANDS = frozenset(
    (
        "authenticated",
        "fullyAuthenticated",
        "hasRole",
        "hasAnyRole",
        "hasAuthority",
        "hasAnyAuthority",
        "denyAll",
        "rememberMe",
    )
)
_OPENS = frozenset(("permitAll", "anonymous"))
_ENABLED = re.compile(r"@Enable(?:Global|Reactive)?Method(?:Security)\b")
_FILTER = re.compile(
    r"^(?:OncePerRequestFilter|GenericFilterBean|Filter|WebFilter|HandlerInterceptor(?:Adapter)?|HandlerInterceptor)$"
)
_REFUSES = re.compile(r"\b40[13]\b|UNAUTHORIZED|FORBIDDEN|sendRedirect|AccessDenied|Unauthori[sz]ed")
# if (header == null || !header.startsWith("Bearer ")) { chain.doFilter(request, response); return; }: who brings nothing is handed on.
_WITHOUT = re.compile(
    r"\bif\s*\(\s*(?:!\s*StringUtils\.has(?:Text|Length)\(\s*|StringUtils\.is(?:Empty|Blank)\(\s*)?"
    r"\w*(?:auth|token|jwt|header|bearer|cookie|key)\w*\s*(?:==\s*null|\)|\.is(?:Empty|Blank)\(\))[^{};]*\{\s*"
    r"\w+\.doFilter\([^;{}]*?\)\s*;?\s*return\b",
    re.I,
)
_PLAIN = re.compile(
    r"^\s*(?:isAuthenticated\(\)|isFullyAuthenticated\(\)|denyAll(?:\(\))?|has(?:Any)?(?:Role|Authority)\([^()]*\))\s*$"
)
_ANYONE = re.compile(r"^\s*(?:permitAll|isAnonymous)(?:\(\))?\s*$")
_NAMED = re.compile(r"'([\w:.-]+)'")
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))


_STARTS = "@SpringBootApplication"
_BUILDS = ("pom.xml", "build.gradle", "build.gradle.kts")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: methods (empty: any), patterns (None: not known), and what it demands."""

    method: str
    patterns: tuple[str, ...] | None
    demand: str
    roles: tuple[str, ...]
    span: Span


@dataclass(slots=True)
class Chain:
    """A filter chain: the paths it is for (empty: all), its rules in order, whether filters of its own were added."""

    span: Span
    paths: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    filters: bool = False
    legacy: bool = False
    order: int = 1_000


class SpringSecurity:
    """What keeps strangers out of the paths of an app."""

    def __init__(self, reader: Reader, modules: list[Module], names: SpringNames, present: bool) -> None:
        self._resolver = reader.resolver
        self._names = names
        self._present = present
        self._chains: list[Chain] = []
        self._ignored: list[Rule] = []
        self._doubts = Reading()
        self._tree = reader.tree
        self._homes = {
            home
            for module in modules
            if (home := _home(module.path)) and _STARTS in (reader.tree.text(module.path) or "")
        }
        self.by_method = any(_ENABLED.search(reader.tree.text(module.path) or "") for module in modules)
        for module in modules:
            for owner in module.functions.values():
                if any(_FILTER.match(base.text) for base in owner.bases) and _turns_away(owner.code):
                    what = f"{owner.name} refuses some requests before they reach a handler"
                    self._doubts += Reading(unsure=(Span(module.path, owner.line, what),))
                for method in owner.methods:
                    self._bean(module, method)
        self._chains.sort(key=lambda chain: (chain.order, not chain.paths))

    def _bean(self, module: Module, method: Function) -> None:
        adapter = method.name == "configure" and any(
            param.annotation is not None and param.annotation.text == "HttpSecurity" for param in method.params
        )
        if not adapter and not any(
            _CHAIN.match(kind.text) or kind.text == "WebSecurityCustomizer" for kind in method.bases
        ):
            return
        chain = Chain(Span(module.path, method.line, method.name))
        for mark in method.decorators:
            if mark.text == "Order" and mark.items and mark.items[0].text.isdigit():
                chain.order = int(mark.items[0].text)
        for step in method.steps:
            if isinstance(step, Expr):
                self._walk(module, chain, step)
        if (
            chain.rules
            or chain.paths
            or chain.filters
            or not any(k.text == "WebSecurityCustomizer" for k in method.bases)
        ):
            self._chains.append(chain)

    def _walk(self, module: Module, chain: Chain, call: Expr) -> None:
        links: list[Expr] = []
        current: Expr | None = call
        while current is not None and current.kind == "call":
            links.append(current)
            current = current.on
        about: tuple[str, tuple[str, ...] | None] | None = None
        ignoring = False
        for link in reversed(links):
            span = Span(module.path, link.line, "")
            if link.text == "ignoring":
                ignoring = True
            elif link.text in ("securityMatcher", "securityMatchers"):
                chain.paths += [text for item in link.items for text in item.strings()] or ["{unknown?}"]
            elif link.text.startswith("addFilter"):
                chain.filters = True
            elif link.text == "authorizeRequests":
                chain.legacy = True
            elif link.text in _MATCHERS:
                about = self._about(module, link)
                if ignoring:
                    self._ignored.append(Rule(about[0], about[1], "permitAll", (), span))
            elif link.text in _ALL:
                about = ("", ("/**",))
            elif about is not None and (link.text in _DEMANDS or link.text in _OPENS or link.text == "access"):
                roles = tuple(text for item in link.items for text in item.strings())
                named = ", ".join(about[1]) if about[1] else "some paths"
                what = f"{named}: {link.text}({', '.join(roles)})"
                chain.rules.append(Rule(about[0], about[1], link.text, roles, Span(module.path, link.line, what)))
                about = None
            elif link.text == "authorize" and len(link.items) > 1:
                # The Kotlin DSL: authorize("/x/**", hasRole("ADMIN")).
                known = link.items[0].kind == "str"
                texts = ("/**",) if link.items[0].text == "anyRequest" else (link.items[0].text,) if known else None
                demand, roles = link.items[-1].text, tuple(link.items[-1].strings())
                demand = demand if demand in _DEMANDS or demand in _OPENS else "access"
                what = f"{link.items[0].text}: {demand}({', '.join(roles)})"
                exact = texts if len(link.items) == 2 else None
                chain.rules.append(Rule("", exact, demand, roles, Span(module.path, link.line, what)))
            for item in link.items:
                for step in item.function.steps if item.function is not None else ():
                    if isinstance(step, Expr):
                        self._walk(module, chain, step)

    def _about(self, module: Module, link: Expr) -> tuple[str, tuple[str, ...] | None]:
        """The method and patterns of a matcher; None for patterns that cannot be known."""
        method, patterns, unknown = "", [], link.text == "regexMatchers"
        for item in link.items:
            last = item.text.rsplit(".", 1)[-1]
            if item.kind == "name" and last in _METHODS:
                method = last
                continue
            bound = self._names.constant(module, item.text) if item.kind == "name" else None
            texts = list(self._patterns(module, bound or item))
            unknown = unknown or not texts or any("?}" in text for text in texts)
            patterns += texts
        if not link.items or (method and not patterns and not unknown):
            return method, ("/**",)
        return method, None if unknown else tuple(patterns)

    def _patterns(self, module: Module, value: Expr) -> Iterator[str]:
        """The patterns in a text, a list or a call such as ``antMatcher("/x/**")``; one that cannot be known is ``{name?}``."""
        if value.kind in ("str", "name") or (value.kind == "call" and value.text.rsplit(".", 1)[-1] not in _PATTERNS):
            yield self._names.folded(module, value)
            return
        for item in value.items:
            yield from self._patterns(module, item)

    def path(self, method: str, path: str, file: str = "") -> Reading:
        """What the chains demand of a request that a controller in ``file`` answers: those of its own program, where a tree holds several."""
        if any(rule.patterns and _meets(rule, method, path) for rule in self._ignored):
            return Reading()
        home = _home(file) if len(self._homes) > 1 and _home(file) in self._homes else ""
        chains = [one for one in self._chains if not home or _home(one.span.file) not in self._homes - {home}]
        if not chains:
            what = "Spring Security is there, but no filter chain was found"
            present = self._secured(home) if home else self._present
            return Reading(unsure=(Span(".", 0, what),)) if present else self._doubts
        for chain in chains:
            if "{unknown?}" in chain.paths:
                return Reading(unsure=(chain.span,))
            if not chain.paths or any(_fits(pattern, path) for pattern in chain.paths):
                return self._in(chain, method, path)
        return self._doubts

    def _secured(self, home: str) -> bool:
        """Whether the build of one program, or one above it, brings Spring Security."""
        above = {"", *("/".join(home.split("/")[:count]) + "/" for count in range(1, home.count("/") + 1))}
        files = (f"{folder}{name}" for folder in above for name in _BUILDS)
        return any("spring-boot-starter-security" in (self._tree.text(one) or "") for one in files)

    def _in(self, chain: Chain, method: str, path: str) -> Reading:
        if not chain.rules:
            return Reading(unsure=(chain.span,))
        doubts = Reading()
        for rule in chain.rules:
            if rule.patterns is None:
                if rule.method in ("", method):
                    doubts += Reading(unsure=(rule.span,))
            elif _meets(rule, method, path):
                if rule.demand in _DEMANDS:
                    # A rule that could not be read stands before this one and may let the request pass.
                    return doubts if doubts.unsure else Reading((Guard(rule.span, rule.roles),))
                if rule.demand == "access":
                    return Reading(unsure=(rule.span,))
                everyone = "/**" in rule.patterns and chain.filters
                return doubts + (self._doubts if not everyone else Reading(unsure=(rule.span,)))
        if chain.rules and not chain.legacy and not doubts.unsure:
            return Reading((Guard(chain.span),))
        return doubts + self._doubts + (Reading(unsure=(chain.span,)) if chain.filters else Reading())

    def marked(self, file: str, marks: tuple[Expr, ...], above: tuple[Expr, ...]) -> Reading:
        """What the annotations of a method demand, or those of its class where it has none of the kind."""
        reading = Reading()
        for name in ("PreAuthorize", "Secured", "RolesAllowed", "DenyAll", "PermitAll"):
            mark = next((one for one in (*marks, *above) if one.text == name), None)
            if mark is None or name == "PermitAll":
                continue
            if name == "RolesAllowed" and any(one.text == "PermitAll" for one in marks):
                continue
            texts = [self._resolver.text(file, item) for item in (*mark.items, *(value for _, value in mark.named))]
            texts += [text for item in mark.items if item.kind == "list" for text in item.strings()]
            text = " ".join(texts)
            span = Span(file, mark.line, f"@{name}({text})")
            if name == "PreAuthorize" and _ANYONE.match(text):
                continue
            if not self.by_method:
                unused = Span(file, mark.line, f"@{name}, but nothing seen enables method security")
                reading += Reading(unsure=(unused,))
            elif name == "PreAuthorize" and not _PLAIN.match(text) and not _both(text):
                reading += Reading(unsure=(span,))
            else:
                roles = (
                    _NAMED.findall(text)
                    if name == "PreAuthorize"
                    else [one for one in texts if re.fullmatch(r"[\w:.-]+", one)]
                )
                reading += Reading((Guard(span, tuple(dict.fromkeys(roles))),))
        return reading


def _home(path: str) -> str:
    """The folder of the program that a file belongs to, as Maven and Gradle lay it out; empty where it stands in none."""
    root, found, _ = path.partition("src/main/")
    return root if found else ""


def _turns_away(code: str) -> bool:
    """Whether a filter may refuse somebody who brings no credentials: refusals of bad ones keep no stranger out."""
    refused, without = _REFUSES.search(code), _WITHOUT.search(code)
    return refused is not None and (without is None or refused.start() < without.start())


def _both(text: str) -> bool:
    """Whether a plain demand is one of several that must all be met."""
    parts = re.split(r"\s+(?:and|&&)\s+", text)
    return not re.search(r"\bor\b|\|\||\bnot\b|!|\?", text) and any(_PLAIN.match(part) for part in parts)


def _meets(rule: Rule, method: str, path: str) -> bool:
    return rule.method in ("", method) and any(_fits(pattern, path) for pattern in rule.patterns or ())


def _fits(pattern: str, path: str) -> bool:
    """Ant style: ``?`` one character, ``*`` within a segment, ``**`` any number of segments, ``{name}`` one segment."""
    parts = re.split(r"(/\*\*|\*\*|\*|\?|\{[^{}]*\})", "/" + pattern.lstrip("/"))
    known = {"/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    regex = "".join(known.get(part) or ("[^/]+" if part.startswith("{") else re.escape(part)) for part in parts)
    return re.fullmatch(regex, path) is not None
