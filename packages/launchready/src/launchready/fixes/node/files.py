"""The files of the guard in Node: the middleware, the policy it keeps, its tests, and where Next.js calls it."""

from importlib.resources import files

from launchready_guard.policy import Policy

from launchready.fixes.node.policy import as_json

GUARD, POLICY, TESTS = "launchready-guard.mjs", "launchready-policy.json", "launchready-guard.test.mjs"
# In the order in which they stand in the one file that is written.
_PARTS = ("head", "address", "tokens", "clients", "limits", "bodies", "guard", "rules", "express", "fetch")


def node_files(policy: Policy) -> dict[str, str]:
    """The middleware, the policy and the tests by their names, to stand in one folder of the app.

    Raises :class:`~launchready_guard.policy.PolicyError` for a policy that the guard in Node cannot keep.
    """
    return {
        GUARD: "\n".join(_text(f"parts/{part}.mjs") for part in _PARTS),
        POLICY: as_json(policy),
        TESTS: _text(TESTS),
    }


def next_file(folder: str = ".", claim: str = "tenant") -> str:
    """``proxy.ts`` of Next.js 16, or ``middleware.ts`` before: the two names are exported. ``folder`` is where the files of :func:`node_files`
    are, as seen from it; ``claim`` is the token's claim with the workspace."""
    return _text("proxy.ts").replace("FOLDER", folder).replace("CLAIM", claim or "tenant")


def express_lines(folder: str = ".", claim: str = "tenant") -> tuple[str, ...]:
    """The lines for an Express app: they stand before every other ``app.use`` and every route."""
    return (
        f'import {{ bearer, expressGuard }} from "{folder}/{GUARD}";',
        f'import policy from "{folder}/{POLICY}" with {{ type: "json" }};',
        f'app.use(expressGuard(policy, {{ identify: bearer({{ key: process.env.TOKEN_KEY, tenant: "{claim or "tenant"}" }}) }}));',
    )


def _text(name: str) -> str:
    return (files("launchready.fixes.node") / name).read_text(encoding="utf-8")
