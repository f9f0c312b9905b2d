"""LR216: accounts whose passwords stand in the source, and keys that the source compares a caller's with."""

import secrets
from dataclasses import replace

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.sources.seeded import seeded_accounts
from launchready.sources.tree import Tree
from launchready.sources.written_keys import WrittenKey, written_keys

_LINES = ("AUTH-1", "BAR-1")
_MEANINGS = {
    Harm.SEEDED: Meaning(
        Severity.BLOCKER,
        Impact.IDENTITY,
        _LINES,
        "Change that password where the app runs now. Then take the first administrator's password from the environment, and make no account when it is not set.",
        0.5,
    ),
}
_DOORS = 5


async def run(context: Context) -> Result:
    """Sign in as higher roles that the code makes, with the passwords that stand beside them, and call what is shut with the keys that it compares with (CWE-798)."""
    tree = context.get(Tree)
    keys, accounts = written_keys(tree), [one for one in seeded_accounts(tree) if not one.here]
    if not keys and not accounts:
        raise NotApplicableError("no account with a password and no key that callers send stands in the source")
    try:
        opened = await _opened(context, keys)
    except NotCheckedError as stopped:
        if not accounts:
            raise
        # Who signed in was seen before: that the run may send no more for keys loses none of it.
        opened = Result(0, gaps=(Gap("keys that callers send", stopped.reason, stopped.give),))
    if not accounts:
        return opened
    try:
        signed_in = await findings("LR216", context, _MEANINGS, ())
    except NotCheckedError:
        if not opened.findings:
            raise
        return opened
    return replace(
        signed_in,
        examined=signed_in.examined + opened.examined,
        findings=(*signed_in.findings, *opened.findings),
        gaps=(*signed_in.gaps, *opened.gaps),
    )


async def _opened(context: Context, keys: tuple[WrittenKey, ...]) -> Result:
    """One finding for each key that opens a door which is shut to strangers and to a key of our own making."""
    site = context.get(Site)
    site.require_active()
    calls = await context.get(GuestSweep).results() if keys else []
    shut = sorted(
        (call for call in calls if call.exchange.status in (401, 403)),
        key=lambda call: ("{" in call.endpoint.path, call.endpoint.path),
    )[:_DOORS]
    found = dict[str, Finding]()
    for key in keys if shut else ():
        for call in shut:
            exchange = await site.send("GET", call.exchange.path, headers={key.header: key.value})
            if not exchange.ok or key.value in found:
                continue
            made_up = key.value[: key.value.find(" ") + 1] + secrets.token_hex(12)
            # Where any key will do, that is LR212's to tell.
            if not (await site.send("GET", call.exchange.path, headers={key.header: made_up})).ok:
                found[key.value] = _finding(key, call, exchange)
    return Result(len(shut) if keys else 0, tuple(found.values()))


def _finding(key: WrittenKey, call: GuestCall, exchange: Exchange) -> Finding:
    where = f"{key.file}:{key.line}"
    # A report is passed on to more people than the source is.
    exchange = replace(exchange, sent_headers={key.header: "KEY"})
    return Finding(
        "LR216",
        call.endpoint.name,
        f"Whoever has read the source can call {call.endpoint.name}: a key that opens it stands in {key.file}",
        Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.IDENTITY,
        _LINES,
        f"Strangers are refused, and so is a key that we made up; the one that {where} compares with, in the header {key.header}, is let in.",
        (call.exchange.evidence("without a key"), exchange.evidence(f"with the key of {where}")),
        "",
        "Give the app another key where it runs now, from the environment, and let it refuse to start when there is none.",
        0.5,
        key=f"{key.file} {key.header}",
    )


CHECK = Check(
    CheckInfo(
        "LR216",
        "No account or key that stands in the source opens the app",
        Stage.ACCESS,
        _LINES,
        (Need.URL, Need.SOURCE),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
