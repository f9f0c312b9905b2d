"""The files of the guard in Node: the middleware, the policy it keeps, its tests, and where Next.js calls it."""

from importlib.resources import files

from launchready_guard.policy import Policy

from launchready.fixes.node.policy import as_json

GUARD, POLICY, TESTS = "launchready-guard.mjs", "launchready-policy.json", "launchready-guard.test.mjs"
# In the order in which they stand in the one file that is written.
_PARTS = ("head", "address", "tokens", "clients", "limits", "bodies", "guard", "rules", "express", "fetch")

_TYPES = (
    (", type NextRequest", ""),
    (": ReturnType<typeof requestGuard> | undefined", ""),
    (": NextRequest", ""),
)


def node_files(policy: Policy) -> dict[str, str]:
    """The middleware, the policy and the tests by their names, to stand in one folder of the app.

    Raises :class:`~launchready_guard.policy.PolicyError` for a policy that the guard in Node cannot keep.
    """
    return {
        GUARD: "\n".join(_text(f"parts/{part}.mjs") for part in _PARTS),
        POLICY: as_json(policy),
        TESTS: _text(TESTS),
    }


def next_file(name: str = "proxy", claim: str = "", key: str = "TOKEN_KEY", *, typed: bool = True) -> str:
    """``proxy.ts`` of Next.js 16, or ``middleware.ts`` before it; in JavaScript when not ``typed``. ``claim`` is the token's claim with the workspace,
    ``key`` the variable with the key of tokens."""
    text = _text("proxy.ts").replace("CLAIM", claim or "tenant").replace("TOKEN_KEY", key)
    text = text.replace("function proxy(", f"function {name}(")
    for types, plain in () if typed else _TYPES:
        text = text.replace(types, plain)
    return text


def express_lines(folder: str = ".", claim: str = "", app: str = "app", key: str = "TOKEN_KEY") -> tuple[str, ...]:
    """The lines for an Express app, three of them as a module and three more for CommonJS. They stand before every other ``use`` and every route."""
    who = f'{{ identify: bearer({{ key: process.env.{key}, tenant: "{claim or "tenant"}" }}) }}'
    return (
        f'import {{ bearer, expressGuard }} from "{folder}/{GUARD}";',
        f'import policy from "{folder}/{POLICY}" with {{ type: "json" }};',
        f"{app}.use(expressGuard(policy, {who}));",
        f'const guard = import("{folder}/{GUARD}").then(({{ bearer, expressGuard }}) =>',
        f'  expressGuard(require("{folder}/{POLICY}"), {who}));',
        f"{app}.use((req, res, next) => guard.then((check) => check(req, res, next), next));",
    )


def _text(name: str) -> str:
    return (files("launchready.fixes.node") / name).read_text(encoding="utf-8")
