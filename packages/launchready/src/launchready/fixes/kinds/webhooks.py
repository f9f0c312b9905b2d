"""webhooks: who signs what arrives, named in the policy, so that the guard verifies it."""

import re

from launchready_guard.schemes import SCHEMES

from launchready.core.policy.senders import scheme
from launchready.fixes.fix import Fix
from launchready.fixes.subject import Subject, policy_now
from launchready.fixes.work import Work
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind


def propose(subject: Subject, work: Work) -> None:
    """Name the scheme in the row of each webhook whose sender nobody checks."""
    policy = policy_now(subject, work)
    for hook in subject.surface.by_kind(Kind.WEBHOOK):
        if not _unsigned(hook):
            continue
        place = f"{hook.source.file}:{hook.source.line}"
        row = policy.row(hook.method, hook.path) if policy else None
        named, why = scheme(hook, subject.surface.integrations)
        if row is None:
            work.hand(
                place,
                f"{hook.name} takes events from anybody. The guard verifies their signature once the policy has a row for it.",
                "launchready policy draft --force",
            )
        elif not row.signature and named in SCHEMES:
            text = _signed(work.text(subject.policy_file) or "", row.route, named)
            if text is None:
                work.hand(
                    subject.policy_file,
                    f"The row of {row.route} is not written on lines of its own.",
                    f'signature = "{named}"',
                )
                continue
            work.put(
                subject.policy_file,
                text,
                f"The guard refuses what {named} did not sign at {hook.path}, what is older than five minutes, and what came before: {why}.",
            )
            if not subject.guarded:
                continue
            work.hand(
                "environment",
                f"The guard does not start without the secret that {named} signs with.",
                f"{SCHEMES[named].variable}=…",
            )
        elif not row.signature:
            said = f"{why}, and its signatures are not known to the guard" if named else "nothing says who sends it"
            work.hand(
                f"{subject.policy_file}: {row.route}",
                f"{hook.name} takes events from anybody, and {said}.",
                f'signature = "…"  # one of {", ".join(SCHEMES)}; or verify it in the handler',
            )


def _unsigned(hook: Endpoint) -> bool:
    guarded = hook.access.verdict is AccessVerdict.GUARDED
    return hook.method in ("POST", "ANY") and not guarded and not hook.hosted


def _signed(text: str, route: str, name: str) -> str | None:
    """The policy with the scheme at the end of the row."""
    found = re.search(rf"^route\s*=\s*[\"']{re.escape(route)}[\"'][^\n]*\n(?:[a-z]+\s*=[^\n]*\n)*", text, re.M)
    if found is None:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    return f'{text[: found.end()]}signature = "{name}"{newline}{text[found.end() :]}'


FIX = Fix("webhooks", "Verify who sends webhooks", ("LR110", "LR333"), propose, order=15)
