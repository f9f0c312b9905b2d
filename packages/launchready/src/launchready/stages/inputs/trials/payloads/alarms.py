"""Turns what happened into alarms: one for an endpoint, the most telling request first, the others counted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.result import Alarm, Harm, Shown
from launchready.model.words import Confidence
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.place import place

_OUTAGE = "Every such call looks like an outage in your monitoring, and customers get no word of what was wrong."
_MISSING = "Whether something it needs is only missing here, such as a mail server or a key, a person has to say."
_AWAY = re.compile(
    r"connection refused|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|getaddrinfo|name or service not known|name resolution|smtp|timed? ?out|"
    r"api[_ -]?key|not configured|credential|Max retries exceeded|ConnectError|ConnectionError|Temporary failure",
    re.I,
)
_OWN = re.compile(r"(?:Type|Key|Value|Attribute|Index|Unicode\w*|Overflow|Integrity|Data|Operational|Programming|Reference|Syntax|Range|Validation|Recursion)Error", re.I)  # fmt: skip
# From here on a debugger tells of the request, the environment and all settings, which name every service there is (Django's technical page).
_BESIDE = re.compile(r"Request information|Using settings module")
_LONGEST_SAID = 120
_RUNS_IT = re.compile(r"admin|owner|super|staff|root", re.I)
_LONG_RUN = re.compile(r"(.)\1{999,}")
_LONG_NEST = re.compile(r'((?:\{"a":){500,})1(\}{500,})')


@dataclass(frozen=True, slots=True)
class Crash:
    """A request that makes the app fail, as small as it could be made, and its answer."""

    example: Example
    deviation: Deviation
    answer: Exchange


def raise_crash(ground: Ground, baseline: Exchange | None, found: Crash, others: Sequence[str], *, sure: bool) -> None:
    """``others`` are what else it fails at, in words; ``sure`` that it is the request that makes it fail, and nothing that is missing here."""
    route, name, answer = found.example.endpoint.name, found.example.name, found.answer
    address = found.deviation.in_address
    harm = Harm.ADDRESS if address else Harm.CRASH
    said = "cuts the line without an answer" if answer.dropped else f"fails with a server error ({_status_of(answer)})"
    title = f"A wrong {'value in the address' if address else 'request'} makes {name} fail with a server error"
    if "%27" in found.deviation.raw and any(a.harm is Harm.INJECTION and a.route == route for a in ground.alarms):
        # That the quote becomes part of a command was said already.
        return
    key = "address" if address else ""
    right = _told_of(baseline)
    where = place(answer.real.text, _files(ground))
    detail = [
        f"{_who(found.example)} sent {found.deviation.said}, and it {said}{right}.",
        f"It failed in {where}." if where else "",
        f"It also fails at {_listed(others)}." if others else "",
        _OUTAGE,
        "" if sure else _MISSING,
    ]
    pairs = [*((("the request without that", baseline),) if baseline is not None and baseline.status else ())]
    confidence = Confidence.PROVEN if sure else Confidence.SUSPECTED
    shown = (*(Shown.of(what, one) for what, one in pairs), told(f"sent {found.deviation.said}", answer))
    ground.alarm(Alarm(harm, route, title, " ".join(filter(None, detail)), shown, confidence, key))


def raise_ended(ground: Ground, answer: Exchange, sent: str = "this") -> None:
    """A request after which the app's process is gone, and nobody starts it again. Reads go out side by side, so another may have done it."""
    if any(alarm.harm is Harm.ENDS for alarm in ground.alarms):
        return
    path, writes = answer.path.partition("?")[0], answer.method != "GET"
    name = next((e.name for e in ground.endpoints if e.method == answer.method and matches(e.path, path)), "site")
    alone = "" if writes else " Other reads were under way at the same time; one of them may have been it."
    ground.alarm(
        Alarm(
            Harm.ENDS,
            name,
            f"One request {'stops' if writes else 'perhaps stops'} the app for everybody: {answer.method} {path}",
            f"{answer.caller or 'A stranger'} sent {sent}, the line was cut without an answer, and nothing listens at the app's address since.{alone} "
            "Nobody is served until it is started again. What was to be asked after that was not; start the app, and run this again once it is mended.",
            (told(f"sent {sent}", answer),),
            Confidence.PROVEN if writes else Confidence.SUSPECTED,
        )
    )


def raise_always(ground: Ground, one: Example, answer: Exchange) -> None:
    """An endpoint that fails at the request that ought to be right. Proven only where the app itself says that the fault is its own."""
    name = one.name
    where = place(answer.real.text, _files(ground))
    own = names_its_fault(ground, answer)
    # What is removed for a trial is nobody's.
    absent = one.endpoint.method == "DELETE" and one.endpoint.path.rstrip("/").endswith("}")
    sent = "asked to remove what is not there" if absent else "sent what its description asks for"
    request = "a request for a record that is not there" if absent else "a request that ought to be right"
    detail = [
        f"{_who(one)} {sent}, and it failed with {answer.status}, again and again.",
        f"It failed in {where}." if where else "",
        "" if own else _MISSING,
    ]
    ground.alarm(
        Alarm(
            Harm.CRASH if one.has_body else Harm.ADDRESS,
            one.endpoint.name,
            f"{name} fails with a server error at {request}",
            " ".join(filter(None, detail)),
            (told(request, answer),),
            Confidence.PROVEN if own else Confidence.SUSPECTED,
        )
    )


def names_its_fault(ground: Ground, answer: Exchange) -> bool:
    """Whether an answer names an error of the app's own, and none of something that it needs."""
    own = place(answer.real.text, _files(ground)) or _OWN.search(answer.real.text)
    return bool(own) and not _AWAY.search(_BESIDE.split(answer.text, maxsplit=1)[0])


def raise_kept(
    ground: Ground, one: Example, deviation: Deviation, answer: Exchange, view: Exchange, others: Sequence[str]
) -> None:
    """A value that no customer can want was taken, and stands in the app."""
    wrong = deviation.wrong
    assert wrong is not None
    more = f" It also keeps {_listed(others)}." if others else ""
    # Whoever runs the app has easier ways to harm it.
    sure = wrong.sure and not (wrong.spite and _RUNS_IT.search(one.caller.role))
    ground.alarm(
        Alarm(
            Harm.NONSENSE,
            one.endpoint.name,
            f"{one.name} keeps {wrong.what}: {wrong.kept}",
            f"{_who(one)} sent {deviation.shown} as {deviation.field}, it was answered with {answer.status}, and reading it back shows it.{more}",
            (told(f"sent {deviation.said}", answer), Shown.of("read back", view)),
            Confidence.PROVEN if sure else Confidence.SUSPECTED,
        )
    )


def raise_leak(ground: Ground, what: str, sent: str, answer: Exchange) -> None:
    """An error that shows the inside of the app; once for each kind, since such errors come from one setting. Whoever runs the app may see it."""
    who = next((one for one in ground.callers if one.name == answer.caller), None)
    if who is not None and _RUNS_IT.search(who.role):
        return
    ground.alarm(
        Alarm(
            Harm.LEAK,
            "site",
            f"Errors show strangers the inside of the app: {what}",
            "It tells an attacker which code to attack, and sometimes shows the data the code was working on (CWE-209).",
            (told(f"{sent}: answered {answer.status} with {what}", answer),),
            key=what,
        )
    )


def told(what: str, exchange: Exchange) -> Shown:
    """The exchange and a command that repeats it exactly: bytes that are no text by printf, long runs by a loop."""
    shown = Shown.of(what, exchange)
    sent = exchange.sent_body
    curl = exchange.curl()
    try:
        sent.decode()
    except UnicodeDecodeError:
        octal = "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\%" else f"\\{byte:03o}" for byte in sent)
        curl = f"printf '{octal}' | " + replace(exchange, sent_body=b"@-").curl()
    curl = _LONG_NEST.sub(
        lambda found: (
            f"""'"$(printf '{{"a":%.0s' $(seq {found[1].count("{")}))"'1'"$(printf '}}%.0s' $(seq {len(found[2])}))"'"""
        ),
        curl,
    )
    curl = _LONG_RUN.sub(lambda found: f"""'"$(printf '{found[1]}%.0s' $(seq {len(found[0])}))"'""", curl)
    return replace(shown, curl=curl)


def _status_of(answer: Exchange) -> str:
    """The status; of a field of GraphQL what it says, since the status tells nothing there."""
    if answer.wire is None or answer.wire.status >= 500:
        return str(answer.real.status)
    told = parsed(answer)
    errors = told.get("errors") if isinstance(told, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else ""
    said = str(first.get("message", "") if isinstance(first, dict) else first)
    return f"{answer.wire.status}, and the error {said[:_LONGEST_SAID]!r}" if said else f"{answer.wire.status}"


def _told_of(baseline: Exchange | None) -> str:
    if baseline is None or not baseline.status:
        return ""
    return f"; the {'valid' if baseline.ok else 'same'} request without that is answered with {baseline.status}"


def _files(ground: Ground) -> set[str]:
    return {endpoint.source.file for endpoint in ground.endpoints if endpoint.source.line}


def _who(one: Example) -> str:
    return "A stranger" if one.stranger else one.caller.name


def _listed(others: Sequence[str]) -> str:
    shown = list(dict.fromkeys(others))
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
