"""Says what secrets in one file mean: one finding per file, however many it holds."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby

from launchready.model.check import Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Severity
from launchready.sources.places import is_built, is_vendored
from launchready.sources.secrets.detector import TIERS, Hit
from launchready.sources.secrets.scan import Found, SecretScan

_BARE = {
    "password": "password",
    "passwd": "password",
    "pwd": "password",
    "pass": "password",
    "token": "token",
    "secret": "secret",
    "apikey": "API key",
    "api_key": "API key",
    "api-key": "API key",
}
_LOWERED = ("Value", "Signing", "Password", "Default", "Token", "Key of", "Private", "Basic", "Secret in")


def by_file(found: Iterable[Found]) -> list[tuple[str, list[Hit]]]:
    """Secrets grouped by file, in path order."""
    ordered = sorted(found, key=lambda one: (one.path, one.hit.line))
    return [(path, [one.hit for one in group]) for path, group in groupby(ordered, key=lambda one: one.path)]


def by_secret(found: Iterable[Found]) -> list[tuple[list[str], list[Hit]]]:
    """Secrets grouped by file, those files together that hold the same and nothing else: one key in sixty files is one key to change."""
    same: dict[tuple[str, ...], tuple[list[str], list[Hit]]] = {}
    for path, hits in by_file(found):
        paths, _ = same.setdefault(tuple(sorted(hit.value for hit in hits)), ([], hits))
        paths.append(path)
    return list(same.values())


def label(hit: Hit) -> str:
    """``SendGrid key``, ``Stripe access token``, ``value of SECRET_KEY``: as the middle of a sentence."""
    what = (
        hit.what
        if any(word in hit.what.lower() for word in ("key", "token", "password", "secret", "value", "credential"))
        else f"{hit.what} key"
    )
    bare = what.removeprefix("Value of ")
    if bare.lower() in _BARE:
        # A name that says no more than what it is: "a password", not "the value of password".
        return _BARE[bare.lower()]
    return what[0].lower() + what[1:] if what.startswith(_LOWERED) else what


def several(hits: Sequence[Hit]) -> str:
    """``A Stripe access token`` or ``4 secrets, a Stripe access token among them``."""
    worst = min(hits, key=lambda hit: (TIERS.index(hit.tier), hit.test_mode, not hit.money))
    name = label(worst)
    first = f"the {name}" if name.startswith("value") else f"{'an' if name[0] in 'AEIOUaeio' else 'a'} {name}"
    return first if len(hits) == 1 else f"{len(hits)} secrets, {first} among them,"


def finding(
    check: str,
    path: str,
    title: str,
    hits: Sequence[Hit],
    roadmap: tuple[str, ...],
    *,
    detail: str,
    evidence: Sequence[Evidence],
    fix: str,
    hours: float = 1.0,
) -> Finding:
    """One finding for the secrets of a file. Its key holds a keyed digest of the values, so moving lines changes nothing."""
    live = [hit for hit in hits if hit.tier != "weak" and not hit.test_mode]
    signing = [hit for hit in hits if hit.signing]
    weak = all(hit.tier == "weak" for hit in hits)
    # What came with a library is most likely the key of whoever made it, and in everybody's copy; a value of the app's own settings is not.
    vendored = is_vendored(path) and not any(hit.money or " from " in hit.what for hit in hits)
    digest = hashlib.blake2b(
        "\0".join(sorted(hit.value for hit in hits)).encode(), key=b"launchready finding", digest_size=8
    )
    return Finding(
        check,
        path,
        title,
        Severity.BLOCKER if live and not vendored else Severity.LOW if weak else Severity.MEDIUM,
        Confidence.SUSPECTED if weak or vendored else Confidence.CERTAIN,
        Impact.MONEY if any(hit.money for hit in live) else Impact.IDENTITY if signing else Impact.DATA,
        roadmap,
        f"{detail} The file came with a library: look whether the key is yours, or that of whoever made it."
        if vendored
        else detail,
        tuple(evidence),
        "",
        fix,
        hours,
        digest.hexdigest(),
    )


def spans(path: str, hits: Sequence[Hit]) -> list[Evidence]:
    """Where each secret stands; the values themselves are never part of it."""
    return [Evidence("file", f"{label(hit)}, {len(hit.value)} characters", "", path, hit.line) for hit in hits]


def unsearched(scan: SecretScan, *, built: bool) -> tuple[Gap, ...]:
    """What the search passed over: of the files that browsers download (``built``), or of the others."""
    return tuple(
        Gap(path, f"{path} was not searched: it {reason}", "a look by a person")
        for path, reason in sorted(scan.unread.items())
        if is_built(path) is built
    )
