"""Tokens signed with a private key (RS256, ES256, EdDSA …), by keys that their issuer publishes (extra ``jwt``).

RFC 7517 for key sets, RFC 8725 for how to trust them: algorithms are the app's choice, and the key set comes from the address the app names, never
from one in the token.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from launchready_guard.tokens import TokenError

_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA")


def keys(
    address: str, algorithms: Sequence[str] = ("RS256", "ES256"), lifespan: int = 300
) -> Callable[[str], Mapping[str, Any]]:
    """A ``verify`` for :class:`~launchready_guard.tokens.Bearer`: by the key set at an HTTPS address, kept for ``lifespan`` seconds.

    Raises ValueError for algorithms that a public key does not verify: who knows it could sign.
    """
    from jwt import PyJWKClient, PyJWTError

    _check(algorithms)
    client = PyJWKClient(address, cache_keys=True, lifespan=lifespan, timeout=3)

    def verify(token: str) -> Mapping[str, Any]:
        try:
            key = client.get_signing_key_from_jwt(token).key
        except (PyJWTError, ValueError) as error:
            raise TokenError(f"no key for it: {type(error).__name__}") from error
        return _claims(token, key, algorithms)

    return verify


def public_key(pem: str | bytes, algorithms: Sequence[str] = ("RS256",)) -> Callable[[str], Mapping[str, Any]]:
    """A ``verify`` for :class:`~launchready_guard.tokens.Bearer`: by one public key in PEM. Raises ValueError as :func:`keys`."""
    _check(algorithms)
    return lambda token: _claims(token, pem, algorithms)


def _check(algorithms: Sequence[str]) -> None:
    wrong = [one for one in algorithms if one not in _ALGORITHMS]
    if wrong or not algorithms:
        raise ValueError(f"algorithms has {wrong or 'none'}; a public key verifies {', '.join(_ALGORITHMS)}")


def _claims(token: str, key: Any, algorithms: Sequence[str]) -> Mapping[str, Any]:
    import jwt

    # Times, issuer and audience are compared by Bearer, for all kinds of token alike.
    asked = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False, "verify_iss": False}
    try:
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=list(algorithms), options=asked)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenError(f"not signed by its issuer: {type(error).__name__}") from error
    return claims
