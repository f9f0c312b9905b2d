"""LR331, LR332 and LR334: sign-in, password reset and invitations can be tried without limit."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.http import Site
from launchready.stages.inputs.bursts import Burst, burst


@dataclass(frozen=True, slots=True)
class _Question:
    id: str
    title: str
    kind: Kind
    times: int
    writes: bool
    hurts: str
    detail: str
    fix: str
    severity: Severity
    impact: Impact
    roadmap: tuple[str, ...]


_QUESTIONS = (
    _Question(
        "LR331",
        "Sign-in attempts are limited",
        Kind.LOGIN,
        30,
        False,
        "Sign-in can be tried without limit",
        "Passwords from other sites' leaks are tried by the thousand; nothing here slows that down.",
        "Limit attempts per account and per address (5 a minute and 30 a minute are usual), and answer 429 with Retry-After.",
        Severity.BLOCKER,
        Impact.IDENTITY,
        ("BAR-5", "INPUT-3"),
    ),
    _Question(
        "LR332",
        "Password resets are limited",
        Kind.PASSWORD_RESET,
        15,
        True,
        "Anyone can flood a member with reset e-mails",
        "Your mail provider stops sending for you when members mark these as spam.",
        "Limit resets per account and per address (3 an hour is usual), and answer the same whether or not there is an account.",
        Severity.HIGH,
        Impact.REPUTATION,
        ("BAR-5", "INPUT-3", "INPUT-F2"),
    ),
    _Question(
        "LR334",
        "Invitations are limited",
        Kind.INVITE,
        15,
        True,
        "Anyone can send invitations without limit",
        "Each call sends an e-mail in your name; your mail provider stops sending for you when receivers complain.",
        "Ask for a signed-in member with the right role, and limit invitations per account (20 an hour is usual).",
        Severity.HIGH,
        Impact.REPUTATION,
        ("BAR-5", "INPUT-3", "INPUT-F2"),
    ),
)


def _asking(question: _Question) -> Callable[[Context], Awaitable[Result]]:
    async def run(context: Context) -> Result:
        site = context.get(Site)
        site.require_active()
        endpoints = [
            one
            for one in context.surface.by_kind(question.kind)
            if one.method == "POST"
            and one.path.startswith("/")
            and not one.hosted
            and not ("token" in one.path or one.path.endswith("/accept"))
        ]
        if not endpoints:
            if not context.surface.endpoints:
                raise NotCheckedError("the app's endpoints are not known", "the app's source")
            raise NotApplicableError(f"the source shows no {question.kind.value} endpoint")
        if question.writes and not context.environment.writes:
            raise NotCheckedError(
                "this environment allows reads only", f"writes = true in [environments.{context.environment.name}]"
            )
        # example.invalid can never receive mail (RFC 2606), and nobody has this account.
        who = f"launchready-{secrets.token_hex(5)}@example.invalid"
        values = {"email": who, "username": who, "password": secrets.token_urlsafe(9)}
        findings, gaps, examined = [], [], 0
        for endpoint in endpoints:
            done = await burst(site, endpoint, values, question.times)
            if done.last.status in (401, 403) and question.kind is not Kind.LOGIN:
                gaps.append(Gap(endpoint.name, "it wants a signed-in user first", "an identity in launchready.toml"))
            elif not done.usable:
                gaps.append(
                    Gap(
                        endpoint.name,
                        done.last.error or "it never took what we sent as an attempt",
                        "an identity in launchready.toml",
                    )
                )
            else:
                examined += 1
                if not done.limited:
                    findings.append(_finding(question, endpoint, done))
        return Result(examined, tuple(findings), tuple(gaps))

    return run


def _finding(question: _Question, endpoint: Endpoint, done: Burst) -> Finding:
    return Finding(
        question.id,
        endpoint.name,
        question.hurts,
        question.severity,
        Confidence.PROVEN,
        question.impact,
        question.roadmap,
        f"{done.answered} of {done.sent} attempts in a row were answered as usual. {question.detail}",
        (done.last.evidence(f"attempt {done.sent}, answered like the first"),),
        f"for i in $(seq {done.sent}); do {done.last.curl()}; done",
        question.fix,
        2.0,
    )


CHECKS = tuple(
    Check(
        CheckInfo(
            one.id,
            one.title,
            Stage.INPUTS,
            one.roadmap,
            (Need.URL,),
            one.severity,
            one.impact,
        ),
        _asking(one),
    )
    for one in _QUESTIONS
)
