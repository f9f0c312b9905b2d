"""A handler that hands the caller on: refused deeper down, or let through after all."""

from pathlib import Path

import pytest
from launchready.model.surface import Access

from tests.sources.reading import app, one

ERRORS = """
export const createError = (code, message, status = 500) => class extends Error { status = status; code = code; };
export const DeniedError = createError('DENIED', 'not for you', 403);
export const BrokenError = createError('BROKEN', 'what is that', 400);
"""
PERMISSIONS = """
import db from './db.js';
import { DeniedError } from './errors.js';
export async function fetchPermissions(caller) {
  return await db('permissions').where({ role: caller.role });
}
export async function validateAccess(options) {
  if (options.caller.admin === true) return;
  const permissions = await fetchPermissions(options.caller);
  if (permissions.length === 0) throw new DeniedError();
}
"""
SERVICES = """
import db from './db.js';
import { validateAccess } from './permissions.js';
import { DeniedError } from './errors.js';
export class ItemsService {
  constructor(table, options) { this.table = table; this.account = options.account || null; }
  async readByQuery(query) {
    if (this.account) await validateAccess({ caller: this.account, table: this.table });
    return await db(this.table).where(query);
  }
  async readOne(id) {
    const [row] = await this.readByQuery({ id });
    return row;
  }
  async drop() {
    if (this.account?.admin !== true) throw new DeniedError();
    await db.drop(this.table);
  }
}
export class NotesService extends ItemsService {
  constructor(options) { super('notes', options); }
  async readByQuery(query) { return (await super.readByQuery(query)).map((row) => row.text); }
}
"""
GUEST = """
export const guest = () => ({ role: null, user: null, admin: false });
export async function authenticate(req, res, next) {
  const nobody = guest();
  try { req.account = await byToken(req.token, nobody); } catch (error) { throw error; }
  return next();
}
async function byToken(token, account) {
  if (token) { const row = await lookUp(token); account.user = row.id; }
  return account;
}
"""
MAIN = """
import express from 'express';
import { authenticate } from './guest.js';
import { ItemsService, NotesService } from './services.js';
import { validateAccess } from './permissions.js';
const app = express();
%s
app.get('/x/:id', async (req, res, next) => {
  %s
});
"""
ALWAYS = "app.use(authenticate);"


def access(root: Path, body: str, before: str = ALWAYS, **more: str) -> Access:
    """Who may call a handler with this body, behind what is used before it."""
    files = {"errors.js": ERRORS, "permissions.js": PERMISSIONS, "services.js": SERVICES, "guest.js": GUEST}
    found = app(root, {**files, **more, "main.js": MAIN % (before, body)}, "express")
    return one(found, "GET /x/{id}").access


READS = "const notes = new NotesService({ account: req.account }); res.json(await notes.readOne(req.params.id));"


def test_a_service_that_asks_for_stored_permissions_guards_and_says_the_way(tmp_path: Path) -> None:
    found = access(tmp_path, READS)
    assert (found.verdict, found.how, found.roles) == ("guarded", "permissions", ())
    assert [(span.file, span.line) for span in found.evidence] == [
        ("main.js", 8),
        ("main.js", 9),
        ("services.js", 12),
        ("services.js", 22),
        ("services.js", 8),
        ("permissions.js", 10),
    ]
    assert "stored permissions decide (fetchPermissions)" in found.evidence[0].what


def test_a_caller_that_may_be_missing_and_then_passes_is_a_doubt(tmp_path: Path) -> None:
    found = access(tmp_path, READS, before="")
    assert found.verdict == "unknown"
    assert "lets pass whose request has no account" in found.evidence[0].what


def test_a_role_that_is_asked_for_deeper_down_is_named(tmp_path: Path) -> None:
    found = access(tmp_path, "await new NotesService({ account: req.account }).drop(); res.end();", before="")
    assert (found.verdict, found.how, found.roles) == ("guarded", "role", ("admin",))


@pytest.mark.parametrize(
    "body",
    [
        "const notes = new NotesService({}); res.json({ notes: await notes.readOne(1), you: req.account.user });",
        "try { const notes = new NotesService({ account: req.account }); res.json(await notes.readOne(1)); }"
        " catch (error) { res.json([]); }",
        "validateAccess({ caller: req.account }); res.json(await read());",
        "await validateAccess({ caller: req.account }).catch(() => {}); res.json(await read());",
        "if (req.query.mine) await validateAccess({ caller: req.account }); res.json(await read());",
        "if (req.query.preview) return res.json(await read()); await validateAccess({ caller: req.account }); res.json(await read());",
        "const allowed = req.query.short || (await validateAccess({ caller: req.account })); res.json(await read());",
        "res.json(await read()); await validateAccess({ caller: req.account });",
        "const row = await read(req.account); if (!row) throw new DeniedError(); res.json(row);",
        "if (!['guest', 'member'].includes(req.account.role)) return res.sendStatus(404); res.json(await read());",
        "while (await more()) { await validateAccess({ caller: req.account }); } res.json(await read());",
        "queue.on('done', async () => { await validateAccess({ caller: req.account }); }); res.json(await read());",
    ],
    ids=[
        "read without the caller",
        "caught and answered",
        "not waited for",
        "caught on the promise",
        "only when asked",
        "answered before",
        "one of two",
        "answered first",
        "no such record",
        "a guest by name",
        "perhaps never",
        "when something happens",
    ],
)
def test_what_lets_a_stranger_through_is_never_guarded(tmp_path: Path, body: str) -> None:
    assert access(tmp_path, body).verdict != "guarded"


@pytest.mark.parametrize(
    "body",
    [
        "await validateAccess({ caller: req.account }); res.json(await read());",
        "await Promise.all(req.body.ids.map((id) => validateAccess({ caller: req.account, id }))); res.json(await read());",
        "try { await validateAccess({ caller: req.account }); } catch (error) { throw error; } res.json(await read());",
        "try { await validateAccess({ caller: req.account }); res.json(await read()); } catch (error) { return next(error); }",
        "if (req.query.all) { await validateAccess({ caller: req.account }); }"
        " else { await new NotesService({ account: req.account }).drop(); } res.json(await read());",
        "await db.transaction(async (trx) => { await validateAccess({ caller: req.account, trx }); }); res.json(await read());",
        "for (const id of req.body.ids) { await validateAccess({ caller: req.account, id }); } res.json(await read());",
    ],
    ids=["waited for", "for each", "thrown on", "handed on", "either way", "in a transaction", "in a loop"],
)
def test_every_way_that_ends_in_a_refusal_guards(tmp_path: Path, body: str) -> None:
    found = access(tmp_path, body)
    assert found.verdict == "guarded"
    assert found.evidence[-1].what.startswith("refuses: throw new DeniedError")


def test_an_error_that_refuses_nobody_is_no_guard(tmp_path: Path) -> None:
    broken = PERMISSIONS.replace("DeniedError", "BrokenError")
    assert access(tmp_path, READS, **{"permissions.js": broken}).verdict != "guarded"


AUTHORISER = """
const express = require('express');
const { denied } = require('./errors');
class Rules {
  allow_read(user, item, callback) {
    const may = item.readers.some((name) => name === user.name || user.groups.includes(name));
    if (may) return callback(null, true);
    callback(%s);
  }
}
const can = (rules) => (action) => (req, res, next) => {
  rules['allow_' + action](req.user, req.params.item, (error, allowed) => {
    if (error) return next(error);
    %s
  });
};
const start = (rules) => {
  const app = express();
  app.get('/items/:item', can(rules)('read'), (req, res) => res.json(store.get(req.params.item)));
};
start(new Rules());
"""


@pytest.mark.parametrize(
    ("refusal", "then", "verdict"),
    [
        ("denied(403, 'not for you')", "if (allowed) next(); else next(new Error('nobody answered'));", "guarded"),
        ("new Error('no such item')", "if (allowed) next(); else next(new Error('nobody answered'));", "unknown"),
        ("null, false", "next();", "unknown"),
    ],
)
def test_an_authoriser_that_answers_by_a_callback(tmp_path: Path, refusal: str, then: str, verdict: str) -> None:
    errors = "exports.denied = (status, message) => Object.assign(new Error(message), { status });"
    found = one(
        app(tmp_path, {"app.js": AUTHORISER % (refusal, then), "errors.js": errors}, "express"), "GET /items/{item}"
    )
    assert found.access.verdict == verdict
    if verdict == "guarded":
        assert found.access.how == "permissions"
        assert [span.line for span in found.access.evidence] == [19, 12, 5, 8]


@pytest.mark.parametrize(
    ("last", "verdict"), [("res.json(res.locals.payload)", "guarded"), ("res.json(store.all())", "unknown")]
)
def test_a_request_left_to_others_is_guarded_when_they_have_nothing_of_their_own(
    tmp_path: Path, last: str, verdict: str
) -> None:
    steps = """
const load = async (req, res, next) => {
  if (req.path.endsWith('me')) return next();
  res.locals.payload = await new NotesService({ account: req.account }).readOne(req.params.id);
  return next();
};
app.get('/steps/:id', load, (req, res) => %s);
"""
    files = {"errors.js": ERRORS, "permissions.js": PERMISSIONS, "services.js": SERVICES, "guest.js": GUEST}
    found = app(tmp_path, {**files, "main.js": MAIN % (ALWAYS + steps % last, READS)}, "express")
    assert one(found, "GET /steps/{id}").access.verdict == verdict
