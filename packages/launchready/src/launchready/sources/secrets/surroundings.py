"""What stands around a found value: the name it falls back from, the host it is sent to, whether its file is a program's own code."""

import re

from launchready.sources.places import is_real
from launchready.sources.secrets.spots import Spot

CODE = (".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".rb", ".php", ".go", ".java", ".kt", ".cs")
_SETTING = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_BYTES = re.compile(r"\s*:?=\s*\[\]byte\(\s*\"?$")
# Hosts of a developer's machine and of the containers beside it: whoever has the password cannot reach them.
_LOCAL = re.compile(
    rb"@(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\b|\w*\.?example\b|[\w-]*(?:db|database|postgres(?:ql)?|mysql|maria(?:db)?|mongo(?:db)?|redis|rabbitmq)(?::|/|$|[\"'\s])"
    rb"|[\w.-]*\.(?:example|test|local|localhost|invalid)\b|[\w.-]*\bexample\.(?:com|org|net)\b)"
)
# A name without a dot, which only the containers and machines beside this one know.
_SHORT_HOST = re.compile(rb"@[\w-]+(?::\d+)?(?:[/,;\"'`?\s\\]|$)")
# Names of algorithms (RFC 7518, section 3.1) stand beside keys.
_ALGORITHM = re.compile(r"^(?:(?:HS|RS|ES|PS)\d{3}|EdDSA|none)$", re.I)
# What a template or a program fills in.
_FILLED_IN = re.compile(r"\$\{|%env\(|\{\{|<%|\{%|%\(|#\{|^\$\w|^@@|^__\w+__$|<[^>]*>")
# What a statement ends with, or a member of a list of names: `hashed;` and `user.password,`.
_EXPRESSION = re.compile(r"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*[;,]$")
# An expression in a piece of a program that a text shows: `data.usage?.prompt_tokens`, `&role.Key`, `!!process.env.KEY`, `found.value`.
_SHOWN = re.compile(r"^(?:!!?|&|\*|\.\.\.)?\(?[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+[;,)]*$")
# What a condition chooses: `ok ? "PASS" : "FAIL"`.
_CHOSEN = re.compile(r"\?\s*[\"'`][^\"'`\n]*[\"'`]\s*:\s*[\"'`]?$")
# A port that is no number stands in settings that were encrypted, and so does the password beside it (Supabase's table of tenants in a dump).
_SEALED = re.compile(r"port\\?[\"']\s*:\s*\\?[\"'][A-Za-z0-9+/]{20,}={0,2}\\?[\"']")
_BRACKETS = re.compile(r"[(){}\[\]<>$|*#]")

_COMMENT = re.compile(r"^\s*(?:#|//|--|;|\*|<!--|/\*)")

# What a test checks came out, and gives to nobody.
_CHECKED = re.compile(
    r"(?:^|[\s(.])(?:expect|assert\w*|refute\w*|should(?:\.|_|Be|Equal|Have)\w*|toEqual|to_eq)\b\s*[( .]"
)

# An attribute of a template whose value is an expression (Vue, Angular): `name="password" :rules="passwordRules"`.
_BOUND = re.compile(r"\s(?:[:@#]|v-)[\w:.-]+=[\"']$|\s[\[(*][\w.()]+[\])]?=[\"']$")

# `user.setPassword("…")`, `builder.set_token(Secret.of("…"))`. The engine looks for what comes after `set`: so many words begin with that.
_SETTER = re.compile(r"\b[sS]et\w{1,45}\(\s{0,4}(?:[\w.]{1,40}\(\s{0,4})?[\"']$")

_HINT = re.compile(r"\bplaceholder\s*[=:]\s*\{?\s*[\"'`]$")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I)
_MANY = 2
_CI = re.compile(
    r"(?:^|/)(?:\.travis\.yml|\.gitlab-ci\.yml|\.github/workflows/|\.circleci/|azure-pipelines\.yml|bitbucket-pipelines\.yml|\.drone\.yml)"
)
# `if IS_PRODUCTION and not SECRET: raise …`: in production the app stops without a value of its own, and never comes to this one.
_STOPS = re.compile(
    r"\b(?:if|unless)\b(?P<when>[^\n{]*?prod[^\n{]*?)(?::|\{|\)|$)\s*(?:\n\s*)?(?:raise|throw|abort|panic|(?:process|sys|os)\.[eE]xit|exit)\b",
    re.I | re.M,
)
_STOPS_NEAR = 800
_SECTION = re.compile(rb"^(\w+):", re.M)
_UNREAL_SECTIONS = (b"development", b"dev", b"test", b"testing", b"ci")
# `class TestingConfig(Config):`, as Flask's documentation names the settings that tests run with.
_CLASS = re.compile(rb"^class\s+(\w+)", re.M)
_OF_TESTS = re.compile(
    rb"(?:Unit|Pytest)?Test(?:s|ing)?(?:Config(?:uration)?|Settings|Env(?:ironment)?)$|(?:Config(?:uration)?|Settings)(?:Unit)?Test(?:s|ing)?$"
)
_CHAIN = re.compile(r"(?:(?:process|import\.meta)\.env\.\w+\s*(?:\|\||\?\?)\s*){2,}[\"'`]?$")
_ENV_NAME = re.compile(r"\.env\.(\w+)")
_KEPT_ELSEWHERE = re.compile(r"\bremoteRef\s*:")
_EXAMPLE_OF = re.compile(r"[\"']?examples?[\"']?\s*[:=]\s*\[?\s*\{[^{}]*$")


def names_elsewhere(name: str, around: str) -> bool:
    """Whether a value is what a secret is called where it is kept: ``secretKey: db-password`` above a ``remoteRef`` (external-secrets.io: ExternalSecret)."""
    return name.lower() == "secretkey" and _KEPT_ELSEWHERE.search(around) is not None


def is_code(path: str) -> bool:
    """Whether a file is code of the app itself: what stands in it is what runs, whatever it says about changing it."""
    return path.endswith(CODE) and is_real(path)


def fallback_of(before: str) -> str:
    """The setting that a value replaces when it is missing: ``JWT_SECRET`` of ``os.environ.get("JWT_SECRET") or "…"``."""
    found = _SETTING.findall(before)
    return found[-1] if found else ""


def chain_of(before: str) -> tuple[str, ...]:
    """The settings that are asked for one after the other before a value: ``process.env.A || process.env.B || "…"``."""
    found = _CHAIN.search(before)
    return tuple(_ENV_NAME.findall(found.group())) if found else ()


def in_example(before: str) -> bool:
    """Whether a value stands in what a schema shows as an example of what may be sent (OpenAPI: ``example``, JSON Schema: ``examples``)."""
    return bool(_EXAMPLE_OF.search(before))


def without_conversion(before: str) -> str:
    """Text before a value without Go's conversion around it: ``jwtKey = `` of ``jwtKey = []byte(``."""
    return _BYTES.sub(" = ", before)


def is_near(after: bytes) -> bool:
    """Whether the host that follows the password in an address is on this machine, beside it, or made up for an example."""
    return bool(_LOCAL.match(after))


def has_short_host(after: bytes) -> bool:
    """Whether the host that follows the password in an address has no domain."""
    return bool(_SHORT_HOST.match(after))


def is_algorithm(value: str) -> bool:
    """Whether a value names how tokens are signed."""
    return bool(_ALGORITHM.match(value))


def is_filled_in(value: str) -> bool:
    """Whether a value is put in later: by a template or at run time."""
    return bool(_FILLED_IN.search(value))


def has_brackets(value: str) -> bool:
    """Whether a value holds signs that are a program's or a page's more often than a key's."""
    return bool(_BRACKETS.search(value))


def is_expression(value: str) -> bool:
    """Whether a value without quotes is a name in a program, and nothing a file of settings holds."""
    return bool(_EXPRESSION.match(value)) and not any(sign.isdigit() for sign in value)


def in_comment(before: str) -> bool:
    """Whether the line of a value is a comment; ``before`` is what stands in it before the value."""
    return bool(_COMMENT.match(before))


def is_checked(before: str) -> bool:
    """Whether a test compares what came out with a value; ``before`` is what stands in its line before the value."""
    return bool(_CHECKED.search(before))


def is_shown(value: str) -> bool:
    """Whether a value in a text is a piece of a program, that reads the value from somewhere."""
    return bool(_SHOWN.match(value))


def is_hint(before: str) -> bool:
    """Whether a value is what an empty field of a form shows; ``before`` is what stands in its line before the value."""
    return bool(_HINT.search(before))


def is_one_of_ids(value: str, around: str) -> bool:
    """Whether a value is one of a list of ids (RFC 9562), as the makers of authenticators have them: nobody writes down so many keys of that shape."""
    return bool(_UUID.fullmatch(value)) and len(_UUID.findall(around)) > _MANY


def is_chosen(before: str) -> bool:
    """Whether a value is what a condition chooses, and what stands before it no name; ``before`` is what stands in its line before the value."""
    return bool(_CHOSEN.search(before))


def is_sealed(around: str) -> bool:
    """Whether a value stands in settings that were encrypted one by one."""
    return bool(_SEALED.search(around))


def is_bound(before: str) -> bool:
    """Whether a value is an expression that a template binds to an attribute; ``before`` is what stands in its line before the value."""
    return bool(_BOUND.search(before))


def is_fallback(before: str) -> bool:
    """Whether a value replaces a setting that is missing: ``${DB_PASSWORD:guest}``."""
    return "${" in before.rpartition("}")[2]


def is_set(spot: Spot) -> bool:
    """Whether a value is given to a method that sets something."""
    return bool(_SETTER.search(spot.before()))


def is_ci(path: str) -> bool:
    """Whether a file tells a service how to build and test."""
    return bool(_CI.search(path))


def is_tried_out(path: str, spot: Spot) -> bool:
    """Whether a value serves tests or a developer's machine alone: in a file of CI, or in that section of a settings file (Rails, Symfony)."""
    if is_ci(path):
        return True
    if path.endswith(".py"):
        classes = _CLASS.findall(spot.text_before())
        return bool(classes) and bool(_OF_TESTS.match(classes[-1])) and spot.line_before().startswith((" ", "\t"))
    sections = _SECTION.findall(spot.text_before()) if path.endswith((".yml", ".yaml")) else []
    return bool(sections) and sections[-1] in _UNREAL_SECTIONS


def stops_in_production(name: str, spot: Spot) -> bool:
    """Whether the code around a value refuses to start in production while the setting it stands in for is missing."""
    if not name:
        return False
    near = spot.within(_STOPS_NEAR)
    # Most texts do not say the word, and are not taken apart.
    return "prod" in near.lower() and any(
        re.search(rf"\b{re.escape(name)}\b", found["when"]) for found in _STOPS.finditer(near)
    )
