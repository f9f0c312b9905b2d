"""Payload: what a configuration serves, and whom access functions let in (payloadcms.com/docs: REST API, access control)."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

ACCESS = """import type { Access } from 'payload'
export const anyone: Access = () => true
export const signedIn: Access = ({ req: { user } }) => Boolean(user)
export const published: Access = ({ req: { user } }) => {
  if (user) return true
  return { _status: { equals: 'published' } }
}
const hasRole = (roles: string[], user?: { roles?: string[] } | null) => {
  if (user) {
    if (roles.some((role) => user?.roles?.includes(role))) return true
  }
  return false
}
export const admins: Access = ({ req }) => hasRole(['admin'], req.user)
export const ownOrAdmin: Access = ({ req: { user } }) => {
  if (!user) return false
  if (user.role === 'admin') return true
  return { id: { equals: user.id } }
}
export const mistaken: Access = ({ req }) => {
  if (req.user?.role === 'admin') return true
  if (req.user) return { customer: { equals: req.user.id } }
  return true
}
export const unbound: Access = ({ req: { user } }) => ({ customer: { equals: user?.id } })
"""
USERS = """import { admins, anyone, ownOrAdmin } from '../access'
export const Users = {
  slug: 'users', auth: true,
  access: { create: CREATE, read: ownOrAdmin, update: ownOrAdmin, delete: admins },
  fields: [
    { name: 'name', type: 'text', required: true },
    { type: 'row', fields: [{ name: 'age', type: 'number' }] },
    { name: 'role', type: 'select', options: ['admin', 'member'], access: { create: () => false, update: () => false } },
  ],
}
"""
ORDERS = """import { mistaken, published, unbound } from '../access'
export const Orders = {
  slug: 'orders',
  access: { read: published, create: unbound, update: mistaken },
  fields: [{ name: 'total', type: 'number' }],
  endpoints: [
    { path: '/:id/track', method: 'get', handler: async (req) => Response.json(await track(req.routeParams.id)) },
    { path: '/refund', method: 'post', handler: async (req) => {
      if (!req.user) return Response.json({ error: 'Unauthorized' }, { status: 401 })
      return Response.json(await refund(req))
    } },
  ],
}
"""
CONFIG = """import { buildConfig } from 'payload'
import { Users } from './collections/Users'
import { Orders } from './collections/Orders'
export default buildConfig({
  routes: { api: '/cms' },
  collections: [Users, Orders, { slug: 'notes', fields: [] }, ...plugins],
  globals: [{ slug: 'header', access: { read: () => true }, fields: [] }],
})
"""
CATCH_ALL = """import config from '@payload-config'
import { REST_DELETE, REST_GET, REST_POST } from '@payloadcms/next/routes'
export const GET = REST_GET(config)
export const POST = REST_POST(config)
export const DELETE = REST_DELETE(config)
"""


def files(create: str = "anyone", **more: str) -> dict[str, str]:
    """A Payload app whose accounts anybody makes, or whom ``create`` lets."""
    return {
        "src/access.ts": ACCESS,
        "src/collections/Users.ts": USERS.replace("CREATE", create),
        "src/collections/Orders.ts": ORDERS,
        "src/payload.config.ts": CONFIG,
        "src/app/(payload)/cms/[...slug]/route.ts": CATCH_ALL,
        "package.json": '{"dependencies": {"payload": "3.0.0", "next": "15.0.0"}}',
        **more,
    }


def test_what_collections_and_globals_serve(tmp_path: Path) -> None:
    found = app(tmp_path, files())
    told = who(found)
    assert {name: told[name] for name in told if "/users" not in name} == {
        "GET /admin": "guarded",
        "GET /cms/orders": "open",
        "GET /cms/orders/{id}": "open",
        # What a query says that asks for the caller, no stranger's answer tells.
        "POST /cms/orders": "unknown",
        "PATCH /cms/orders": "open",
        "PATCH /cms/orders/{id}": "open",
        # Nothing is said of it: whoever is signed in.
        "DELETE /cms/orders": "guarded",
        "DELETE /cms/orders/{id}": "guarded",
        "GET /cms/orders/{id}/track": "open",
        "POST /cms/orders/refund": "guarded",
        **dict.fromkeys(("GET /cms/notes", "GET /cms/notes/{id}", "POST /cms/notes", "PATCH /cms/notes"), "guarded"),
        **dict.fromkeys(("PATCH /cms/notes/{id}", "DELETE /cms/notes", "DELETE /cms/notes/{id}"), "guarded"),
        "GET /cms/globals/header": "open",
        "POST /cms/globals/header": "guarded",
    }
    assert any("plugins" in lost.reason for lost in found.unread)


def test_a_collection_of_accounts(tmp_path: Path) -> None:
    found = app(tmp_path, files())
    told = who(found)
    assert told["POST /cms/users"] == told["POST /cms/users/login"] == told["GET /cms/users/me"] == "open"
    assert told["PATCH /cms/users/{id}"] == told["GET /cms/users"] == "guarded"
    assert one(found, "DELETE /cms/users/{id}").access.roles == ("admin",)
    # What a field keeps from everybody is no input of theirs.
    made = {field.name: (field.type, field.required) for field in one(found, "POST /cms/users").inputs}
    assert made == {
        "email": ("string", True),
        "password": ("string", True),
        "name": ("string", True),
        "age": ("number", False),
    }


@pytest.mark.parametrize(
    ("create", "more", "roles"),
    [
        ("admins", {}, ("users",)),
        ("anyone", {}, ()),
        # A page for registering passes the access functions.
        ("admins", {"src/register.ts": "await payload.create({ collection: 'users', data })"}, ()),
        ("admins", {"src/seed.ts": "await payload.create({ collection: 'users', data })"}, ("users",)),
    ],
)
def test_who_is_signed_in_is_staff_where_nobody_registers(
    create: str, more: dict[str, str], roles: tuple[str, ...], tmp_path: Path
) -> None:
    found = app(tmp_path, files(create, **more))
    assert one(found, "DELETE /cms/notes/{id}").access.roles == roles
