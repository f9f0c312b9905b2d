"""Finds secrets in one file's bytes: provider formats by Kingfisher's rules, and settings whose name says what they are by ours."""

import re
import threading
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from launchready.sources.places import is_built, is_media, is_pinned, is_real, is_rebuilt
from launchready.sources.secrets.classify import (
    asks_gemini,
    goes_to_browsers,
    is_companion,
    is_cut,
    is_demo,
    is_garbled,
    is_lapsed,
    is_locked,
    is_money,
    is_placeholder,
    is_public,
    is_test_mode,
    name_of,
    needs_name,
    says_secret,
    says_trial,
)
from launchready.sources.secrets.defaults import (
    is_default,
    is_of_developers,
    is_sample,
    is_settings,
    opens,
    signs_in,
)
from launchready.sources.secrets.engine import Engine, engine
from launchready.sources.secrets.env_files import ENV_FILE, is_env_file
from launchready.sources.secrets.said import SIGN, said
from launchready.sources.secrets.sent import (
    beside_cipher,
    beside_login,
    in_connection,
    is_given,
    of_basic,
    of_curl,
    of_parameter,
    of_password,
    replaces_missing,
)
from launchready.sources.secrets.spots import Spot
from launchready.sources.secrets.surroundings import (
    CODE,
    chain_of,
    fallback_of,
    has_brackets,
    has_short_host,
    in_comment,
    in_example,
    is_algorithm,
    is_bound,
    is_checked,
    is_chosen,
    is_code,
    is_expression,
    is_fallback,
    is_filled_in,
    is_hint,
    is_near,
    is_one_of_ids,
    is_sealed,
    is_set,
    is_shown,
    is_tried_out,
    names_elsewhere,
    stops_in_production,
    without_conversion,
)
from launchready.sources.secrets.values import (
    describes,
    entropy,
    is_config,
    is_documentation,
    is_example,
    is_hash,
    is_password,
    is_pretended,
    is_signing,
    is_translation,
    looks_random,
    may_list,
    name_before,
    tier,
)

TIERS = ("provider", "strong", "weak")
# What mkcert makes for a developer's machine, signed by an authority that nobody else trusts (github.com/FiloSottile/mkcert).
_OF_LOCALHOST = re.compile(r"(?:^|/)(?:localhost|127\.0\.0\.1)[\w.+-]*(?:key)?\.(?:pem|key)$", re.I)
_OURS = "launchready.named."
# How many judgements are kept, each with less than a kilobyte of text around it.
_REMEMBERED = 8192
# Bits a sign: passwords below it are words and repetitions.
_GUESSED = 2.8
# What is shorter may be a word in a file of settings, unless its name says that it is a password.
_SHORT = 6
# What these find is told by its format.
_FORMATS = ("der", "jwk", "jwk_last", "hash", "pem")
# What these find is given to a name and not only asked for or fallen back to: a password that everybody knows is told of as well.
_GIVEN = ("common", "login", "quoted", "plain", "inline", "setter", "command")
# What these find is a secret when the text around it says so.
_AROUND = {
    "pass": beside_login,
    "cipher": beside_cipher,
    "argument": is_given,
    "unset": replaces_missing,
    "connection": in_connection,
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORD = re.compile(rb"[A-Za-z0-9+/]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One secret in one file. ``tier`` is ``provider`` (its format proves what it is), ``strong`` (its name says so, and it looks
    random, signs sessions or stands in an environment file) or ``weak`` (its name says so, and a person chose it).

    ``lines`` are all that hold it, ``line`` is the first; ``span`` is where its bytes stand in the file. ``value`` is the secret itself: it stays in memory and never reaches a report.
    """

    tier: str
    what: str
    line: int
    value: str = field(repr=False)
    money: bool = False
    test_mode: bool = False
    signing: bool = False
    lines: tuple[int, ...] = ()
    span: tuple[int, int] = (0, 0)


# Stands for a judgement that is not kept, where None is one: no secret.
_UNJUDGED = Hit("", "", 0, "")


class Detector:
    """Kingfisher's rules and ours, loaded once a process. The first load on a machine compiles them (seconds); later ones read a cache."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._judged: dict[tuple[str, str, str, bytes, int], Hit | None] = {}

    def _loaded(self) -> Engine:
        """The engine; loaded when the first file is searched, for often none has to be."""
        with self._lock:
            if self._engine is None:
                self._engine = engine()
            return self._engine

    @property
    def ready(self) -> bool:
        """Whether the rules are loaded."""
        return self._engine is not None

    def load(self) -> None:
        """Load the rules, for a caller who has something else to do meanwhile."""
        self._loaded()

    def scan(self, path: str, content: bytes) -> tuple[Hit, ...]:
        """The secrets in a file, one per value, in line order. Keys made to be public are left out.

        Raises :class:`~launchready.sources.secrets.engine.NotScannedError` when it cannot be searched in time.
        """
        if content.startswith(_UTF_16):
            # What PowerShell writes with `>`; the engine would read it, and count its bytes in another way than we do.
            content = content.decode("utf-16", "replace").encode()
        natives = (self._engine or self._loaded()).find(path, content)
        # Most file versions hold nothing.
        if not natives:
            return ()
        found: dict[str, tuple[tuple[int, bool, bool], Hit]] = {}
        lines: dict[str, set[int]] = {}
        quiet = _has_no_names(path) or b"\0" in content[:8192]
        for native in natives:
            rule = native.rule_id
            if rule.startswith(_OURS):
                rule = rule.split(".")[2]
                hit = None if quiet else self._named(path, rule, native, content)
            else:
                hit = _provider(path, native, content)
            if hit is None:
                continue
            lines.setdefault(hit.value, set()).add(hit.line)
            rank = (TIERS.index(hit.tier), not hit.signing, rule not in SIGN)
            known = found.get(hit.value)
            if known is None or rank < known[0]:
                found[hit.value] = rank, hit
        placed = (_at(hit, lines[hit.value]) for _, hit in found.values())
        return tuple(sorted(placed, key=lambda hit: (hit.line, hit.what)))

    def _named(self, path: str, rule: str, native: Any, content: bytes) -> Hit | None:
        """What a value is that one of our rules found. The same value in the same surroundings is judged once."""
        value = native.secret
        if rule == "plain" and not _stands_plain(path, value):
            return None
        at = native.location
        spot = Spot(content, at["start_offset"], at["end_offset"])
        key = (path, rule, value, *spot.surroundings())
        hit = self._judged.get(key, _UNJUDGED)
        if hit is _UNJUDGED:
            hit = _judged(path, rule, value, spot)
            if not spot.far:
                if len(self._judged) >= _REMEMBERED:
                    self._judged.clear()
                self._judged[key] = hit
        if hit is None:
            return None
        line = at["line"]
        return Hit(hit.tier, hit.what, line, value, signing=hit.signing, lines=(line,), span=(spot.start, spot.end))


def _at(hit: Hit, lines: set[int]) -> Hit:
    """A hit with all the lines that hold it."""
    return hit if len(lines) == 1 else replace(hit, line=min(lines), lines=tuple(sorted(lines)))


def _provider(path: str, native: Any, content: bytes) -> Hit | None:
    rule, value, at = native.rule_id, native.secret, native.location
    spot = Spot(content, at["start_offset"], at["end_offset"])
    if not native.visible or is_companion(rule) or is_placeholder(value) or not _stands_alone(native, spot):
        return None
    named = name_before(spot.line_before())
    name = named if needs_name(rule) or value.startswith("AIza") else ""
    shown = is_public(value, name) or (needs_name(rule) and not says_secret(name) and (not name or is_built(path)))
    if is_lapsed(value) or is_garbled(value) or is_demo(value) or is_cut(value) or spot.in_base64():
        return None
    if (shown and not asks_gemini(value, spot)) or is_hint(spot.line_before()):
        return None
    if goes_to_browsers(named, spot) or ("curl-auth" in rule and not of_curl(value)):
        return None
    if "generic" in rule and (
        "uri" not in rule or entropy(value) < _GUESSED or is_near(spot.right_after()) or not tier("password", value)
    ):
        return None
    line = at["line"]
    if _OF_LOCALHOST.search(path):
        return Hit("weak", "Private key for localhost", line, value, lines=(line,), span=(spot.start, spot.end))
    if is_locked(value):
        return Hit("weak", "Private key behind a passphrase", line, value, lines=(line,), span=(spot.start, spot.end))
    return Hit(
        "provider",
        name_of(rule, value),
        line,
        value,
        is_money(rule),
        is_test_mode(value),
        lines=(line,),
        span=(spot.start, spot.end),
    )


def _judged(path: str, rule: str, value: str, spot: Spot) -> Hit | None:
    """The hit that a value is, wherever it stands; None for what is no secret."""
    made_up = is_hash(value) and (not is_real(path) or is_documentation(path))
    if made_up or is_lapsed(value) or is_garbled(value) or is_demo(value):
        return None
    # Most candidates are words; what is around one is only looked at when it may be a secret.
    name = _name(rule, spot)
    if (
        rule == "plain"
        and (may_list(name, value) or len(value) < _SHORT)
        and not (is_env_file(path) or is_password(name))
    ):
        return None
    if (is_hash(value) and is_pretended(name)) or names_elsewhere(name, spot.around()):
        return None
    if is_hint(spot.line_before()) or is_one_of_ids(value, spot.around()):
        return None
    signing = rule in SIGN or is_signing(name) or (name == "secret" and path.endswith(CODE))
    if (rule in _AROUND and not _AROUND[rule](name, value, spot.around())) or (rule == "setter" and not is_set(spot)):
        return None
    sort = (
        of_parameter(spot.line_before(), name, value)
        if rule == "parameter"
        else _sort(path, rule, name, value, spot.right_after())
    )
    if sort and describes(value) and (is_sample(path) or not (signing or sort == "strong" or is_settings(path))):
        sort = ""
    if sort == "weak" and rule != "basic":
        line = spot.line_before()
        if is_checked(line) or is_bound(line) or is_chosen(line) or (is_documentation(path) and is_example(value)):
            return None
    default = not sort and rule in _GIVEN and _is_default(path, rule, name, value, spot)
    if not (sort or default) or goes_to_browsers(name, spot) or is_sealed(spot.around()):
        return None
    if default:
        return Hit("weak", "Default password", 0, value)
    if len(value) >= 8 and is_env_file(path) and not is_hash(value) and not is_placeholder(value):
        sort = "strong"
    if signing and path.endswith(CODE) and not is_placeholder(value):
        sort = "strong"
    if (
        is_documentation(path)
        or is_rebuilt(path)
        or spot.in_doc_comment()
        or in_example(spot.before())
        or is_tried_out(path, spot)
        or ((signing or is_sample(path)) and in_comment(spot.line_before()))
        or (signing and is_sample(path) and not looks_random(value))
        or (signing and not path.endswith(CODE) and says_trial(value))
        or (signing and is_of_developers(path))
    ):
        sort = "weak"
    # Asked last, and only where it changes something: it looks far, and what was judged so is judged anew in every version.
    if sort != "weak" and path.endswith(CODE) and stops_in_production(name, spot):
        sort = "weak"
    what = said(rule, name, spot.close())
    if is_hash(value):
        sort, what = "weak", "Password hash"
    return Hit(sort, what, 0, value, signing=signing)


@lru_cache(maxsize=_REMEMBERED)
def _has_no_names(path: str) -> bool:
    """Whether nothing in a file is called a secret by its name: it is for browsers, a picture, a list of packages, or the words of a language."""
    return is_built(path) or is_media(path) or is_pinned(path) or is_translation(path)


def _stands_plain(path: str, value: str) -> bool:
    """Whether a value without quotes is one: in a file of settings, and not a piece of a program."""
    if is_expression(value) or (is_documentation(path) and is_shown(value)):
        return False
    return is_config(path) and (not has_brackets(value) or bool(ENV_FILE.search(path)) or looks_random(value))


def _name(rule: str, spot: Spot) -> str:
    if rule in ("statement", "address", "command", "basic", "connection", "login"):
        return "password"
    if rule == "otp":
        return "otp_secret"
    before = spot.line_before()
    if rule == "default":
        # What signs says the most about a value that stands in for several settings.
        return next((name for name in chain_of(spot.before()) if is_signing(name)), "") or fallback_of(before)
    return name_before(without_conversion(before))


def _sort(path: str, rule: str, name: str, value: str, after: bytes) -> str:
    """The tier of a named value, empty when it is no secret."""
    if not re.search(r"[A-Za-z0-9]", value):
        return ""  # "…" in a text about secrets
    if rule in SIGN:
        return (
            ""
            if is_filled_in(value) or is_algorithm(value) or (is_placeholder(value) and not is_code(path))
            else "strong"
        )
    if rule in _FORMATS or is_hash(value):
        return "strong"
    if rule == "p12" or (rule == "token" and not is_public(value, name)):
        return "weak"
    if rule == "token":
        return ""
    if rule == "common":
        return ""
    if rule == "basic":
        return of_basic(value)
    if rule in ("command", "login", "connection"):
        return of_password(value)
    if rule in ("flag", "header", "line"):
        return "strong" if looks_random(value) and tier("token", value) else ""
    if rule == "address":
        sort = "" if is_near(after) or (has_short_host(after) and not looks_random(value)) else tier(name, value)
        return "strong" if sort and entropy(value) >= _GUESSED and not value.islower() else sort
    if rule == "compared" and not looks_random(value):
        # A program compares with many words; one with a digit that stands for a password is none of them.
        return tier(name, value) if re.search(r"\d", value) and re.search("pass|pwd", name, re.I) else ""
    used = is_code(path) or (rule == "unset" and is_real(path)) or (rule in ("quoted", "plain") and is_settings(path))
    if is_signing(name) and is_placeholder(value) and used and not is_filled_in(value):
        # Nobody put another one there: this is the key that runs, or runs when the setting is missing.
        return tier(name, value, anyhow=True) and ("strong" if rule in ("default", "short", "unset") else "weak")
    return tier(name, value)


def _is_default(path: str, rule: str, name: str, value: str, spot: Spot) -> bool:
    """Whether a value is a password that everybody knows, and put to use."""
    before = spot.line_before()
    if not is_default(value) or is_tried_out(path, spot) or in_comment(before) or is_fallback(before):
        return False
    return signs_in(path, value) if rule == "login" else opens(path, name, value, spot)


def _stands_alone(native: Any, spot: Spot) -> bool:
    """Whether the value is a word of its own: inside encoded data, any format of a key turns up by chance."""
    if native.is_base64_encoded:
        return True
    content, start, end = spot.content, spot.start, spot.end
    return not _WORD.match(content[end : end + 1]) and not _WORD.match(content[max(start - 1, 0) : start])
