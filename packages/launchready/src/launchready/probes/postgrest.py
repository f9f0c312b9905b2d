"""A data service as its clients call it: PostgREST for tables, GoTrue for accounts, the storage API for files (Supabase, "Self-hosting")."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from launchready.model.parsed import json_of
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who calls: ``id`` is that of their account, empty for a stranger."""

    name: str
    headers: Mapping[str, str]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as the service describes it: ``columns`` by name with their format, ``required`` ones, and the primary key."""

    columns: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    key: str = ""


class DataService:
    """The service at one address, called with its public key."""

    def __init__(self, site: Site, key: str) -> None:
        self._site = site
        self._key = key
        self.stranger = Who("a stranger", {"apikey": key, "Authorization": f"Bearer {key}"})

    async def describe(self) -> tuple[dict[str, Shape], tuple[str, ...]]:
        """The tables and the functions the service lists for a stranger; both empty when it keeps that to itself."""
        exchange = await self._site.send(
            "GET", "/rest/v1/", headers={**self.stranger.headers, "Accept": "application/openapi+json"}
        )
        said = json_of(exchange.text)
        if not exchange.ok or not isinstance(said, dict):
            return {}, ()
        given = said.get("definitions")
        shapes = (
            {name: _shape(one) for name, one in given.items() if isinstance(one, dict)}
            if isinstance(given, dict)
            else {}
        )
        paths = said.get("paths")
        names = (str(path) for path in paths) if isinstance(paths, dict) else iter(())
        return shapes, tuple(path.removeprefix("/rpc/") for path in names if path.startswith("/rpc/"))

    async def sign_up(self, name: str) -> tuple[Who | None, Exchange]:
        """A throwaway account; None when the answer holds no session, as where addresses must be confirmed."""
        body = {"email": f"lr{secrets.token_hex(6)}@example.com", "password": f"Lr-{secrets.token_hex(6)}-9aZ!"}
        exchange = await self._site.send("POST", "/auth/v1/signup", headers={"apikey": self._key}, json=body)
        said = json_of(exchange.text)
        token = said.get("access_token") if isinstance(said, dict) else None
        user = said.get("user") if isinstance(said, dict) else None
        if not exchange.ok or not isinstance(token, str) or not isinstance(user, dict):
            return None, exchange
        return Who(name, {"apikey": self._key, "Authorization": f"Bearer {token}"}, str(user.get("id", ""))), exchange

    async def read(self, who: Who, table: str, where: str = "") -> tuple[list[dict[str, Any]], Exchange]:
        """Up to five rows, those that ``where`` (``id=eq.1``) leaves."""
        path = f"/rest/v1/{quote(table)}?select=*&limit=5" + (f"&{where}" if where else "")
        exchange = await self._site.send("GET", path, headers=who.headers)
        return _rows(exchange), exchange

    async def write(
        self, who: Who, method: str, table: str, body: object = None, where: str = ""
    ) -> tuple[list[dict[str, Any]], Exchange]:
        """The rows that were added, changed or deleted, as the service gives them back."""
        path = f"/rest/v1/{quote(table)}" + (f"?{where}" if where else "")
        headers = {**who.headers, "Prefer": "return=representation"}
        exchange = await self._site.send(method, path, headers=headers, json=body)
        return _rows(exchange), exchange

    async def files(self, who: Who, bucket: str) -> tuple[list[dict[str, Any]], Exchange]:
        """What listing a bucket gives."""
        path = f"/storage/v1/object/list/{quote(bucket)}"
        exchange = await self._site.send("POST", path, headers=who.headers, json={"prefix": "", "limit": 5})
        return _rows(exchange), exchange


def _shape(given: dict[str, Any]) -> Shape:
    properties = given.get("properties")
    fields = properties if isinstance(properties, dict) else {}
    columns = {name: str(one.get("format", "")) for name, one in fields.items() if isinstance(one, dict)}
    key = next(
        (name for name, one in fields.items() if isinstance(one, dict) and "<pk" in str(one.get("description"))), ""
    )
    required = given.get("required")
    return Shape(columns, tuple(str(one) for one in required) if isinstance(required, list) else (), key)


def _rows(exchange: Exchange) -> list[dict[str, Any]]:
    said = json_of(exchange.text)
    return [one for one in said if isinstance(one, dict)] if exchange.ok and isinstance(said, list) else []
