"""Functions that a platform serves: Firebase, Vercel, Netlify, Cloudflare Pages."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

FIREBASE = """
import { onCall, onRequest, HttpsError } from "firebase-functions/v2/https";
import * as functions from "firebase-functions";
import express from "express";
import cors from "cors";
const withCors = cors({ origin: true });
const app = express();
app.get("/notes", (req, res) => res.json([]));
export const wipe = onCall(async (request) => {
  %s
  await db.recursiveDelete(request.data.path);
});
export const rename = functions.region("europe-west1").https.onCall(async (data, context) => {
  if (!context.auth) { throw new functions.https.HttpsError("unauthenticated", "Sign in first"); }
  const { title } = data;
});
export const mine = onCall({ authPolicy: isSignedIn() }, async (request) => { return 1; });
export const hook = onRequest((req, res) => { withCors(req, res, async () => { res.json(await save(req.body.note)); }); });
export const nightly = onRequest({ invoker: "private" }, (req, res) => { res.send("done"); });
export const api = onRequest(app);
"""
DENIED = 'if (!request.auth?.token.admin) throw new HttpsError("permission-denied", "Not yours");'


def test_functions_of_firebase(tmp_path: Path) -> None:
    def read(code: str) -> dict[str, str]:
        return who(app(tmp_path, {"functions/index.ts": FIREBASE % code}, "firebase-functions"))

    assert read("") == {
        "POST /wipe": "open",
        "POST /rename": "guarded",
        "POST /mine": "guarded",
        "POST /hook": "open",
        "GET /nightly": "guarded",
        "GET /notes": "open",
    }
    assert read(DENIED)["POST /wipe"] == "guarded"


def test_what_a_callable_function_takes(tmp_path: Path) -> None:
    found = app(tmp_path, {"functions/index.ts": FIREBASE % ""}, "firebase-functions")
    assert [given.name for given in one(found, "POST /wipe").inputs] == ["path"]
    assert [given.name for given in one(found, "POST /rename").inputs] == ["title"]
    assert one(found, "POST /wipe").hosted


HANDLER = """
export default async function handler(req, res) {
  if (req.method === "GET") { return res.json(await notes.all()); }
  if (req.method === "POST") { %s return res.json(await notes.add(req.body.title)); }
}
"""
SECRET = "if (req.headers.authorization !== `Bearer ${process.env.API_SECRET}`) return res.status(401).end();"


def test_functions_of_vercel(tmp_path: Path) -> None:
    def read(code: str) -> dict[str, str]:
        files = {
            "vercel.json": "{}",
            "api/notes/[id].js": HANDLER % code,
            "api/_lib/db.js": "export default function handler(req, res) {}",
            "api/ping.js": 'export function GET() { return new Response("ok"); }',
        }
        return who(app(tmp_path, files))

    assert read("") == {"GET /api/notes/{id}": "open", "POST /api/notes/{id}": "open", "GET /api/ping": "open"}
    assert read(SECRET)["POST /api/notes/{id}"] == "guarded"


def test_a_folder_of_that_name_is_none_of_vercel_without_its_configuration(tmp_path: Path) -> None:
    assert who(app(tmp_path, {"api/notes.js": HANDLER % ""})) == {}


@pytest.mark.parametrize(
    ("file", "config", "address"),
    [
        ("netlify/functions/notes.js", "", "/.netlify/functions/notes"),
        ("netlify/functions/notes/index.js", "", "/.netlify/functions/notes"),
        ("netlify/functions/notes/parts.js", "", None),
        ("netlify/functions/notes.js", 'export const config = { path: "/notes/:id" };', "/notes/{id}"),
    ],
)
def test_addresses_of_netlify(tmp_path: Path, file: str, config: str, address: str | None) -> None:
    code = f'export const handler = async (event) => {{ if (event.httpMethod !== "POST") return; }};\n{config}\n'
    found = who(app(tmp_path, {"netlify.toml": "", file: code}))
    assert found == ({} if address is None else {f"POST {address}": "open"})


def test_functions_of_cloudflare_pages_behind_a_middleware(tmp_path: Path) -> None:
    asked = 'export const onRequest = async ({ request, next }) => { if (!request.headers.get("authorization")) return new Response("", { status: 401 }); return next(); };\n'
    files = {
        "wrangler.toml": "",
        "functions/notes/[id].js": "export async function onRequestDelete({ params, env }) { await env.DB.delete(params.id); return new Response(); }\n",
        "functions/admin/_middleware.js": asked,
        "functions/admin/users.js": "export const onRequestGet = ({ env }) => Response.json(env.USERS);\n",
    }
    assert who(app(tmp_path, files)) == {"DELETE /notes/{id}": "open", "GET /admin/users": "guarded"}
