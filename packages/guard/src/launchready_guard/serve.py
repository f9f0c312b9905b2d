"""``launchready-guard serve``: the reviewed policy for apps in other languages, asked by the proxy in front of them."""

import argparse
import ipaddress
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from launchready_guard.policy.model import Policy, PolicyError

_LISTEN = "127.0.0.1:9180"
_EPILOG = """The proxy asks at /auth/nginx, /auth/caddy, /auth/traefik or /auth/envoy/; /healthz and /metrics answer too.
Configurations to copy are in docs/guard-proxy.md."""


class ServeError(Exception):
    """What keeps it from starting, as a sentence with what to do."""


class Place(NamedTuple):
    """Where to listen: a ``host`` and ``port``, or the ``path`` of a unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def private(self) -> bool:
        """Whether only this machine reaches it."""
        return bool(self.path) or ipaddress.ip_address(self.host).is_loopback


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. Gives 0 after a stop that was asked for, 2 for what has to be put right first."""
    given = _parser().parse_args(arguments)
    try:
        return _serve(given)
    except (ServeError, PolicyError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("launchready-guard", description="The reviewed policy, enforced.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve", help="answer forward-auth requests of a proxy", description=__doc__, epilog=_EPILOG
    )
    add = serve.add_argument
    add("--policy", default="policy.toml", metavar="FILE", help="the reviewed policy (default: %(default)s)")
    add("--listen", default=_LISTEN, metavar="PLACE", help="host:port or unix:/path (default: %(default)s)")
    add(
        "--trusted",
        action="append",
        default=[],
        metavar="CIDR",
        help="networks of the proxy; needed to listen beyond this machine",
    )
    who = serve.add_mutually_exclusive_group()
    who.add_argument("--bearer-env", metavar="NAME", help="variable with the key of tokens signed with HS256")
    who.add_argument("--jwks", metavar="URL", help="key set of the issuer of tokens (extra jwt)")
    who.add_argument("--identify", metavar="MODULE:NAME", help="a function of a call that gives an Identity or None")
    for name, default in (("subject", "sub"), ("role", "role"), ("tenant", "")):
        add(f"--{name}-claim", default=default, metavar="CLAIM", help=f"claim with the {name} (default: {default or 'tenant.claim of the policy'})")  # fmt: skip
    add("--issuer", default="", help="issuer a token must be of")
    add("--audience", default="", help="audience a token must be for")
    add("--cookie", default="", metavar="NAME", help="cookie that holds the token when no header does")
    add("--sign-in", default="", metavar="URL", help="page that browsers of strangers are led to")
    add("--redis-env", metavar="NAME", help="variable with the address of a Redis that keeps the counts (extra redis)")
    add("--without-bodies", action="store_true", help="start although rows need the body, which a proxy does not show")
    add("--connections", type=int, default=512, metavar="N", help="most connections at once (default: %(default)s)")
    return parser


def _serve(given: argparse.Namespace) -> int:
    # Loaded here, like all that only a server needs: "launchready-guard --help" is quick.
    import asyncio

    place = place_of(given.listen)
    trusted = _trusted(place, given.trusted)
    gate, said = _gate(given, os.environ)
    for line in said:
        print(line, file=sys.stderr)
    return asyncio.run(_run(gate, place, trusted, given.connections))


def place_of(said: str) -> Place:
    """Where to listen. Raises :class:`ServeError`."""
    if said.startswith("unix:"):
        return Place(path=said.removeprefix("unix:"))
    host, _, port = said.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").replace("localhost", "127.0.0.1")
    try:
        ipaddress.ip_address(host)
        if not 0 <= int(port) < 65_536:
            raise ValueError("no such port")
    except ValueError as error:
        raise ServeError(
            f"Listen at {said!r}: {error}. Expected an address and a port such as {_LISTEN}, or unix:/path."
        ) from error
    return Place(host, int(port))


def _trusted(place: Place, said: Sequence[str]) -> tuple[Any, ...]:
    try:
        networks = tuple(ipaddress.ip_network(one.strip()) for part in said for one in part.split(","))
    except ValueError as error:
        raise ServeError(f"Trust {', '.join(said)}: {error}. Expected networks such as 10.0.0.0/24.") from error
    if not place.private and not networks:
        raise ServeError(
            f"Listen at {place.host}: whoever reaches it could say who they are and what they ask for. Listen at {_LISTEN} or unix:/path, "
            "or name the networks of the proxy: --trusted 10.0.0.0/24"
        )
    if place.path or networks:
        return networks
    return tuple(ipaddress.ip_network(one) for one in ("127.0.0.0/8", "::1/128"))


def _gate(given: argparse.Namespace, environment: Mapping[str, str]) -> tuple[Any, list[str]]:
    """What answers, and what there is to say about it first."""
    from launchready_guard.decisions import Decisions
    from launchready_guard.engine import Engine, Options
    from launchready_guard.forward.bodies import unseen, without
    from launchready_guard.forward.gate import Gate
    from launchready_guard.routes import of_policy
    from launchready_guard.start import loaded
    from launchready_guard.stores.memory import MemoryStore

    policy = loaded(given.policy)
    if policy.settings.csrf == "token":
        raise ServeError(
            'Read the policy: guard.csrf = "token" needs forms, which are not seen here. Set it to "fetch".'
        )
    said = []
    needing = unseen(policy)
    if needing:
        rows = "\n  ".join(needing)
        if not given.without_bodies:
            raise ServeError(
                f"A proxy that asks does not show the body, and {len(needing)} rules need it:\n  {rows}\n"
                "Let the app keep these rules itself and add --without-bodies, or put the guard inside the app."
            )
        said.append(f"Left to the app, since no body is seen here:\n  {rows}")
    policy = without(policy)
    store: Any = MemoryStore()
    if given.redis_env:
        from launchready_guard.stores.redis import RedisStore

        store = RedisStore.at(_variable(given.redis_env, environment))
    identify, how = _identify(given, policy, environment)
    engine = Engine(policy, Options(identify, sign_in=given.sign_in), store, store, Decisions(), environment)
    routes = of_policy(policy)
    missing = engine.mount(routes)
    if missing and policy.settings.refuse:
        shown = "\n  ".join(missing[:20])
        raise ServeError(
            f'Mount {given.policy}: {len(missing)} rows wait for review:\n  {shown}\nReview them and take "review = true" out, or set '
            '[guard] unlisted = "deny" to answer them with 404.'
        )
    said.append(f"{len(policy.rows)} rows of {given.policy}, what they do not name is refused; {how}.")
    return Gate(engine), said


def _identify(given: argparse.Namespace, policy: Policy, environment: Mapping[str, str]) -> tuple[Any, str]:
    if given.identify:
        return _named(given.identify), f"{given.identify} says who calls"
    if not (given.bearer_env or given.jwks):
        return (
            lambda call: None
        ), "nobody is ever signed in: give --bearer-env, --jwks or --identify for rows beyond guest"
    from launchready_guard.tokens import Bearer

    named = {
        "subject": given.subject_claim,
        "role": given.role_claim,
        "tenant": given.tenant_claim or policy.claim or "tenant",
        "issuer": given.issuer,
        "audience": given.audience,
        "cookie": given.cookie,
    }
    try:
        if given.jwks:
            from launchready_guard.jwks import keys

            return Bearer(verify=keys(given.jwks), **named), f"tokens are of {given.jwks}"
        return Bearer(_variable(given.bearer_env, environment), **named), "tokens are signed with HS256"
    except (ValueError, ImportError) as error:
        raise ServeError(f"Set up tokens: {error}.") from error


def _variable(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "")
    if not value:
        raise ServeError(f"Read the environment: it has no {name}. Set it, or name another variable.")
    return value


def _named(said: str) -> Any:
    module, _, name = said.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ServeError(
            f"Load {said!r}: {error}. Expected module:name of a function in this folder or installed."
        ) from error
    if not callable(found):
        raise ServeError(f"Load {said!r}: it is no function.")
    return found


async def _run(gate: Any, place: Place, trusted: tuple[Any, ...], most: int) -> int:
    import asyncio
    import logging
    import signal

    from launchready_guard.forward.http import LARGEST_HEAD
    from launchready_guard.forward.server import Server

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    server, stop = Server(gate.answer, trusted, most=most), asyncio.Event()
    try:
        if place.path:
            listening = await asyncio.start_unix_server(server.connection, place.path, limit=LARGEST_HEAD)
        else:
            listening = await asyncio.start_server(server.connection, place.host, place.port, limit=LARGEST_HEAD)
    except OSError as error:
        raise ServeError(f"Listen at {place.path or place.host}: {error.strerror}. Is one running already?") from error
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    at = place.path or ":".join(str(part) for part in listening.sockets[0].getsockname()[:2])
    print(f"Listening at {at}", file=sys.stderr, flush=True)
    await stop.wait()
    listening.close()
    await server.stop()
    return 0
