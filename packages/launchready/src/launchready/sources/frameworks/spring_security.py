"""What Spring Security demands by path: the matchers of filter chains in their order (docs.spring.io: authorize-http-requests)."""

import re
from dataclasses import dataclass

from launchready.model.surface import Span
from launchready.sources.facts.shape import Function
from launchready.sources.guards import Guard, Reading

_MATCH = re.compile(
    r"\b(?:requestMatchers|antMatchers|mvcMatchers|pathMatchers|anyRequest|anyExchange|authorize|requestMatcher)\s*\((?P<what>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
    r"\s*(?:\.\s*(?P<says>permitAll|authenticated|fullyAuthenticated|hasRole|hasAnyRole|hasAuthority|hasAnyAuthority|denyAll|access|anonymous|rememberMe)\s*\(?(?P<roles>[^()]*)\)?)?"
)
_SCOPE = re.compile(r"\bsecurityMatchers?\s*\(?\s*\{?((?:[^(){}]|\([^()]*\))*)[)}]")
_QUOTED = re.compile(r"\"([^\"]*)\"")
_VERB = re.compile(r"\bHttpMethod\.(\w+)")
_DSL = re.compile(
    r",\s*(permitAll|authenticated|denyAll|hasRole|hasAnyRole|hasAuthority|hasAnyAuthority)\b(?:\((.*)\))?\s*$", re.S
)


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    verb: str
    says: str
    roles: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """One filter chain: the paths it is for (all when empty), and its rules in their order."""

    scope: tuple[re.Pattern[str], ...]
    rules: tuple[_Rule, ...]
    span: Span

    def covers(self, path: str) -> bool:
        """Whether a request for this path goes through the chain."""
        return not self.scope or any(pattern.fullmatch(path) for pattern in self.scope)


def chain_of(path: str, method: Function) -> Chain | None:
    """The chain that a method configures, None when it configures none."""
    if not re.search(
        r"HttpSecurity|authorizeHttpRequests|authorizeExchange|authorizeRequests",
        method.code + " ".join(p.annotation.text for p in method.params if p.annotation),
    ):
        return None
    scoped = _SCOPE.search(method.code)
    rules = [rule for match in _MATCH.finditer(method.code) if (rule := _rule(path, method, match))]
    scope = tuple(_ant(one) for one in _QUOTED.findall(scoped.group(1))) if scoped else ()
    if not rules and not scope:
        return None
    return Chain(scope, tuple(rules), Span(path, method.line, f"{method.name} configures who may pass"))


def _rule(path: str, method: Function, match: re.Match[str]) -> _Rule | None:
    what, says, roles = match["what"] or "", match["says"] or "", match["roles"] or ""
    name = match.group(0).split("(")[0].strip()
    if name == "authorize":
        said = _DSL.search(what)
        if said is None:
            return None
        says, roles, what = said.group(1), said.group(2) or "", what[: said.start()]
    if not says:
        return None
    patterns = _QUOTED.findall(what)
    every = (
        name in ("anyRequest", "anyExchange")
        or "anyRequest" in what
        or (name != "authorize" and not patterns and not what.strip())
    )
    if not patterns and not every and not _VERB.search(what):
        # A matcher that is an expression of its own: which paths it is for was not seen.
        return _Rule(re.compile(r".*"), "", "unclear", (), Span(path, method.line, f"{name}({what.strip()[:40]})"))
    verb = _VERB.search(what)
    pattern = re.compile("|".join(_ant(one).pattern for one in patterns) or r".*")
    named = tuple(one.removeprefix("ROLE_").lower() for one in _QUOTED.findall(roles))
    line = method.line + method.code.count("\n", 0, match.start())
    return _Rule(
        pattern, verb.group(1) if verb else "", says, named, Span(path, line, f"{name}({', '.join(patterns)}).{says}")
    )


def demanded(chains: list[Chain], verb: str, path: str) -> Reading:
    """What the first chain that covers a request demands of it. ``path`` is a template."""
    concrete = re.sub(r"\{[^{}]*\}", "1", path)
    chain = next((one for one in sorted(chains, key=lambda one: not one.scope) if one.covers(concrete)), None)
    for rule in chain.rules if chain is not None else ():
        if rule.verb and rule.verb != verb:
            continue
        if not rule.pattern.fullmatch(concrete):
            continue
        if rule.says == "permitAll" or rule.says == "anonymous":
            return Reading()
        if rule.says in ("access", "unclear"):
            return Reading(unsure=(rule.span,))
        return Reading((Guard(rule.span, rule.roles if "ole" in rule.says else ()),))
    return Reading()


def _ant(pattern: str) -> re.Pattern[str]:
    """A pattern of Ant's kind: ``**`` is any number of segments, ``*`` a part of one."""
    escaped = re.escape("/" + pattern.lstrip("/"))
    for written, to in ((r"/\*\*", "(?:/.*)?"), (r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        escaped = escaped.replace(written, to)
    return re.compile(re.sub(r"\\\{[^/]*?\\\}", "[^/]+", escaped))
