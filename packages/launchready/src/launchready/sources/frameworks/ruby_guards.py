"""Whether a Ruby method turns strangers away: what it answers, and under which conditions."""

import re
from dataclasses import dataclass

from msgspec import structs

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.ruby_classes import Chain
from launchready.sources.frameworks.ruby_conditions import holds, may_decide
from launchready.sources.readings import Guard, Reading
from launchready.sources.role_names import roles_in

# Devise, Doorkeeper, Clearance, Sorcery, Knock, Authlogic, Rails itself.
TERMINALS = re.compile(
    r"^(?:authenticate_(?!with_|by_)\w+!|warden\.authenticate!|(?:request\.env\[.warden.\]\.)?authenticate!|doorkeeper_authorize!|require_login|authenticate_or_request_with_\w+"
    r"|request_http_(?:basic|token|digest)_authentication|http_basic_authenticate_or_request_with|deny_access|protected!)$"
)
POLICIES = re.compile(
    r"^(?:authorize!?|load_and_authorize_resource|authorize_resource|policy_scope|permission_required|authorize_\w+)$"
)
_DENIED = re.compile(r"^(?:unauthorized|forbidden|40[13])$")
_DENIAL = re.compile(
    r"unauthori[sz]ed|forbidden|access_?denied|not_?authori[sz]ed|authentication_?(?:error|failed|required)|not_?authenticated|invalid_?token|permission",
    re.I,
)
_RENDERS = re.compile(r"^(?:render|respond|json|error|deny|fail)_?\w*$")
_LOGIN = re.compile(r"log_?in|sign_?in|new_\w*session|auth", re.I)
_SIGNED = re.compile(
    r"secure_compare|construct_event|verify_signature|valid_signature|verify_webhook|\bWebhook\b.*verify|OpenSSL::HMAC",
    re.I,
)
# These raise on a bad signature.
_VERIFIES = re.compile(
    r"construct_event|\bWebhook\b[^\n]*\.verify\b|verify_signature!|verify_webhook!|webhook_notification\.parse\("
)
_SPEAKS_OF_SIGNATURE = re.compile(r"signature|hmac", re.I)
_KNOWS = re.compile(
    r"\bcurrent_(?:user|account|admin|member|person|identity)\b|\bCurrent\.(?:user|account|session|member)\b|\bsession\[:?[\"']?(?:user|account|admin)\w*"
)
_HOPS = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that ends the request: explicit (401, 403, a login page) or any answer to strangers.

    ``doubts`` are conditions nobody can judge; ``turned`` is True where one of the conditions lets strangers pass.
    """

    call: Expr
    explicit: bool
    doubts: tuple[tuple[str, str], ...]
    turned: bool


def judge(path: str, function: Function, chain: Chain, devise: bool = False, action: bool = False) -> Reading:
    """The reading of a method that runs before an action, or of the action itself.

    Before an action any answer to strangers keeps them out. In an action only a plain refusal does: the page for those who are
    not signed in is an answer too.
    """
    refusals, unsure = _refusals(function, chain, devise, _HOPS, frozenset())
    name = function.name
    if verifies := _VERIFIES.search(function.code):
        return Reading(
            (
                Guard(
                    Span(path, function.line, f"{name} verifies a signature ({verifies.group()[:40]})"), signature=True
                ),
            )
        )
    span = Span(path, function.line, f"{name} refuses")
    signature = bool(_SIGNED.search(function.code))
    roles = roles_in(function.code)
    certain = [one for one in refusals if not one.doubts and not one.turned]
    if any(one.explicit or not action for one in certain) or (_either_way(refusals) and not action):
        return Reading((Guard(span, roles, signature=signature),))
    doubtful = [one for one in refusals if one.explicit and (one.doubts or one.turned)]
    if doubtful:
        # Refused only under a condition: a stranger may pass.
        return Reading((Guard(span, roles, by_caller=False),))
    if certain and any(one.call.text != "render" or one.call.get("status") for one in certain):
        return Reading(
            unsure=(
                Span(path, certain[0].call.line, f"{name} answers some callers otherwise ({certain[0].call.text})"),
            )
        )
    if unsure:
        return Reading(
            unsure=tuple(
                Span(path, call.line, f"{name} calls {call.text}, which could not be followed") for call in unsure
            )
        )
    return Reading()


def knows(path: str, function: Function) -> Reading:
    """A sign that an action looks at its caller in a way that could not be followed."""
    if found := _KNOWS.search(function.code):
        return Reading(unsure=(Span(path, function.line, f"{function.name} knows the caller ({found.group()})"),))
    if _SPEAKS_OF_SIGNATURE.search(function.code):
        return Reading(
            unsure=(Span(path, function.line, f"{function.name} speaks of a signature that was not followed"),)
        )
    return Reading()


def _refusals(
    function: Function, chain: Chain, devise: bool, hops: int, seen: frozenset[str]
) -> tuple[list[Refusal], list[Expr]]:
    found: list[Refusal] = []
    unsure: list[Expr] = []
    for call in function.calls:
        answer = _answer(call)
        if not answer and call.text not in seen and hops and "." not in call.text.removeprefix("self."):
            answer = _helper(call, chain, devise, hops, seen, unsure)
        if not answer and TERMINALS.search(call.text) and chain.method(call.text) is None:
            answer = "" if devise and call.text.endswith("!") and call.text.startswith("authenticate_") else "terminal"
        if not answer and POLICIES.search(call.text) and chain.method(call.text) is None:
            unsure.append(structs.replace(call, text=f"{call.text} (a policy decides)"))
        if not answer:
            continue
        doubts, turned, about_caller = _conditions(call)
        if answer == "plain" and (not about_caller or doubts or turned):
            if doubts and any(may_decide(text) for _, text in doubts):
                unsure.append(call)
            if not about_caller or turned:
                continue
        found.append(Refusal(call, answer != "plain", doubts, turned))
    return found, unsure


def _helper(call: Expr, chain: Chain, devise: bool, hops: int, seen: frozenset[str], unsure: list[Expr]) -> str:
    """What a call of an own method answers, whatever the conditions of the call itself."""
    name = call.text.removeprefix("self.")
    inner = chain.method(name)
    if inner is None:
        return ""
    refusals, more = _refusals(inner[1], chain, devise, hops - 1, seen | {name})
    unsure += [structs.replace(one, line=call.line) for one in more]
    if any(not one.doubts and not one.turned for one in refusals) or _either_way(refusals):
        return "explicit"
    if any(one.doubts and one.explicit for one in refusals) and not name.endswith("?"):
        unsure.append(call)
    plain = [
        one for one in inner[1].calls if _answer(one) == "plain" and not _conditions(one)[0] and not _conditions(one)[1]
    ]
    return "plain" if plain else ""


def _conditions(call: Expr) -> tuple[tuple[tuple[str, str], ...], bool, bool]:
    """The conditions nobody can judge, whether one lets strangers pass, and whether one asks for the caller."""
    doubts, turned, about = [], False, False
    for kind, value in call.named:
        if kind not in ("if", "unless") or value.kind != "other":
            continue
        held = holds(kind, value.text)
        if held is None:
            doubts.append((kind, value.text))
        elif held:
            about = True
        else:
            turned = True
    return tuple(doubts), turned, about


def _either_way(refusals: list[Refusal]) -> bool:
    """``if json? then head 401 else redirect to login``: refused whatever the condition is."""
    single = {one.doubts[0] for one in refusals if len(one.doubts) == 1 and not one.turned}
    return any(("unless" if kind == "if" else "if", text) in single for kind, text in single)


def _answer(call: Expr) -> str:
    name = call.text.removeprefix("self.")
    texts = [item.text for item in call.items]
    if name == "head":
        return "explicit" if texts and _DENIED.search(texts[0]) else "plain"
    if name in ("render", "halt", "error"):
        status = call.get("status")
        denied = status is not None and bool(_DENIED.search(status.text))
        if name != "render":
            denied = denied or bool(texts and _DENIED.search(texts[0]))
            denied = denied or any(item.kind == "call" and _LOGIN.search(item.text) for item in call.items)
        return "explicit" if denied else "plain"
    if _RENDERS.match(name) and (status := call.get("status")) is not None and _DENIED.search(status.text):
        return "explicit"
    if name in ("redirect_to", "redirect"):
        return "explicit" if any(_LOGIN.search(text) for text in [*texts, *call.strings()]) else "plain"
    if name == "raise":
        return "explicit" if any(_DENIAL.search(text) for text in [*texts, *call.strings()]) else "plain"
    return "explicit" if name == "throw" and texts[:1] == ["warden"] else ""
