"""LR108: what a page hides must be refused by the server. Every vulnerable app has a twin that differs on the server alone."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity, Status

from tests.support.ask import ask, write

EXPRESS = """
const express = require("express");
const app = express();
function requireUser(req, res, next) { if (!req.session.user) return res.status(401).end(); next(); }
function requireAdmin(req, res, next) { if (req.session.user?.role !== "admin") return res.status(403).end(); next(); }
app.get("/api/me", (req, res) => res.json(req.session.user || null));
app.delete("/api/members/:id", %s(req, res) => { db.members.delete(req.params.id); res.end(); });
app.post("/api/login", (req, res) => res.end());
"""
REACT_BUTTON = {
    "web/src/Members.jsx": """
export function Members({ user, members }) {
  const remove = async (id) => {
    await fetch(`/api/members/${id}`, { method: "DELETE" });
  };
  return <ul>{members.map((m) => <li key={m.id}>{m.name}
    {user.role === "admin" && (<button onClick={() => remove(m.id)}>Remove</button>)}</li>)}</ul>;
}
"""
}
REACT_ROUTE = {
    "web/src/App.tsx": """
import { RequireAdmin } from "./guards";
import { MembersPage } from "./pages/Members";
export const App = () => (<Routes><Route path="/admin" element={<RequireAdmin><MembersPage /></RequireAdmin>} /></Routes>);
""",
    "web/src/guards.tsx": 'export const RequireAdmin = ({ children }) => (useUser().isAdmin ? children : <Navigate to="/" />);\n',
    "web/src/pages/Members.tsx": """
import { removeMember } from "../api/members";
export function MembersPage() { return <button onClick={() => removeMember(4)}>Remove</button>; }
""",
    "web/src/api/members.ts": """
import axios from "axios";
const client = axios.create({ baseURL: "/api" });
export async function removeMember(id: number) { return client.delete(`/members/${id}`); }
""",
}
SERVICE = {
    "web/src/Members.tsx": """
import { MembersService } from "./client";
export const Members = ({ user }) => (
  <>{user.is_superuser && <button onClick={() => MembersService.removeMember({ id: 4 })}>Remove</button>}</>
);
""",
    "web/src/client.ts": """
export class MembersService {
  public static removeMember(data: { id: number }): Promise<void> {
    return __request(OpenAPI, { method: 'DELETE', url: '/api/members/{id}', path: { id: data.id } });
  }
}
""",
}
OWN_CLIENT = {
    "web/src/Members.tsx": """
import { MembersService } from "./service";
const membersService = new MembersService();
export const Members = ({ user }) => (
  <>{user.role === ADMIN && <button onClick={() => membersService.remove(4)}>Remove</button>}</>
);
""",
    "web/src/service.ts": """
export class MembersService extends APIService {
  async remove(id: number) { return this.delete(`/api/members/${id}/`).then((response) => response?.data); }
}
""",
}
VUE = {
    "web/src/Members.vue": """
<template><li v-for="m in members"><button v-if="user.isAdmin" @click="remove(m.id)">Remove</button></li></template>
<script setup>
import { api } from "./api.js";
const remove = async (id) => { await api.delete(`/members/${id}`); };
</script>
""",
    "web/src/api.js": 'import axios from "axios";\nexport const api = axios.create({ baseURL: "http://localhost:3000/api" });\n',
}
VUE_ROUTER = {
    "web/src/router.js": """
export const routes = [
  { path: "/admin", component: () => import("./views/Admin.vue"), meta: { requiresAdmin: true } },
  { path: "/", component: () => import("./views/Home.vue") },
];
""",
    "web/src/views/Admin.vue": """
<template><button @click="remove(4)">Remove</button></template>
<script setup>const remove = (id) => fetch("/api/members/" + id, { method: "DELETE" });</script>
""".replace('"/api/members/" + id', "`/api/members/${id}`"),
    "web/src/views/Home.vue": "<template>Hello</template>\n",
}
SVELTE = {
    "web/src/Members.svelte": """
<script>
  export let user;
  async function remove(id) { await fetch(`/api/members/${id}`, { method: "DELETE" }); }
</script>
{#if user.role === "admin"}<button on:click={() => remove(4)}>Remove</button>{/if}
"""
}
TURNED_AWAY = {
    "web/src/Admin.jsx": """
export default function Admin() {
  const { user } = useUser();
  useEffect(() => { if (user?.role !== "admin") router.push("/login"); }, [user]);
  return <button onClick={() => fetch("/api/members/4", { method: "DELETE" })}>Remove</button>;
}
"""
}
PAGES = {
    "button": REACT_BUTTON,
    "route": REACT_ROUTE,
    "generated-client": SERVICE,
    "service-class": OWN_CLIENT,
    "vue": VUE,
    "vue-router": VUE_ROUTER,
    "svelte": SVELTE,
    "turned-away": TURNED_AWAY,
}


def app(pages: dict[str, str], guard: str) -> dict[str, str]:
    return {"package.json": '{"dependencies": {"express": "4.19.2"}}', "server.js": EXPRESS % guard, **pages}


@pytest.mark.parametrize("pages", PAGES)
async def test_an_action_hidden_from_people_that_the_server_lets_everybody_do(pages: str, tmp_path: Path) -> None:
    outcome = await ask("LR108", write(tmp_path / "open", app(PAGES[pages], "")))
    (finding,) = outcome.findings
    assert finding.target == "DELETE /api/members/{id}"
    assert finding.severity is Severity.BLOCKER
    assert finding.confidence is Confidence.CERTAIN
    shown, called, served = finding.evidence
    assert shown.file in PAGES[pages]
    assert "/members/" in PAGES[pages][called.file].splitlines()[called.line - 1]
    assert served.file == "server.js"
    mended = await ask("LR108", write(tmp_path / "mended", app(PAGES[pages], "requireAdmin, ")))
    assert mended.status is Status.PASS
    assert mended.notes == ("1 endpoint is called from parts of pages that not everybody sees",)


@pytest.mark.parametrize("pages", PAGES)
async def test_a_handler_that_lets_the_owner_pass_beside_administrators(pages: str, tmp_path: Path) -> None:
    asks = '(req, res, next) => { if (req.session.user.id !== req.params.id && req.session.user.role !== "admin") return res.status(403).end(); next(); }, '
    outcome = await ask("LR108", write(tmp_path, app(PAGES[pages], f"requireUser, {asks}")))
    assert outcome.status is Status.PASS


@pytest.mark.parametrize("pages", PAGES)
async def test_a_role_asked_for_in_the_page_alone(pages: str, tmp_path: Path) -> None:
    outcome = await ask("LR108", write(tmp_path, app(PAGES[pages], "requireUser, ")))
    (finding,) = outcome.findings
    assert finding.title.startswith("Any signed-in member can call DELETE /api/members/{id}")
    assert finding.severity is Severity.HIGH
    assert finding.confidence is Confidence.SUSPECTED


@pytest.mark.parametrize(
    "page",
    [
        '{user ? <Menu/> : <button onClick={() => fetch("/api/login", { method: "POST" })}>Sign in</button>}',
        '{loading && <Spinner onStop={() => fetch("/api/members/4", { method: "DELETE" })} />}',
        '{user.isAdmin && <Badge/>}<button onClick={() => fetch("/api/members/4", { method: "DELETE" })}>Leave</button>',
        '{useEffect(() => { if (user.role === "admin") router.push("/desk"); })}<button onClick={() => fetch("/api/members/4", { method: "DELETE" })}>x</button>',
        '{candidate && <button onClick={() => fetch("/api/members/4", { method: "DELETE" })}>x</button>}',
        '<CandidateCard onEnd={() => fetch("/api/members/4", { method: "DELETE" })}>x</CandidateCard>',
        '<GuardianForm onEnd={() => fetch("/api/members/4", { method: "DELETE" })}>x</GuardianForm>',
        '{user.isAdmin && <a onClick={() => fetch("https://api.stripe.com/v1/members/4", { method: "DELETE" })}>x</a>}',
    ],
    ids=["sign-in", "no-condition-on-people", "beside", "leads home", "candidate", "card", "guardian", "elsewhere"],
)
async def test_what_everybody_sees_or_nobody_here_answers_is_no_alarm(page: str, tmp_path: Path) -> None:
    source = f"export const Page = ({{ user, loading }}) => <div>{page}</div>;\n"
    outcome = await ask("LR108", write(tmp_path, app({"web/src/Page.jsx": source}, "")))
    assert outcome.status is Status.PASS


async def test_a_type_is_no_component_that_hides(tmp_path: Path) -> None:
    page = """export const Page = () => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const admin = useState<AdminOnlyThing>(null);
  const leave = () => fetch("/api/members/4", { method: "DELETE" });
  return <div><button onClick={leave}>x</button></div>;
};
"""
    assert (await ask("LR108", write(tmp_path, app({"web/src/Page.tsx": page}, "")))).status is Status.PASS


async def test_to_end_a_session_of_ones_own_needs_none(tmp_path: Path) -> None:
    page = 'export const Page = ({ user }) => <div>{user && <button onClick={() => fetch("/api/%s", { method: "POST" })}>x</button>}</div>;\n'
    served = EXPRESS % "" + 'app.post("/api/%s", (req, res) => res.end());\n'
    found = {}
    for name, address, asked in (
        ("own", "auth/logout", "auth/logout"),
        ("other", "people/4/logout", "people/:id/logout"),
    ):
        files = {**app({"web/src/Page.jsx": page % address}, ""), "server.js": served % asked}
        found[name] = (await ask("LR108", write(tmp_path / name, files))).status
    assert found == {"own": Status.PASS, "other": Status.FAIL}


@pytest.mark.parametrize(
    ("route", "blocks"),
    [("get /api/products", False), ("post /api/public/orders", False), ("get /api/admin/orders", True), ("post /api/products", True)],
)  # fmt: skip
async def test_what_a_page_for_staff_reads_may_be_for_everybody(route: str, blocks: bool, tmp_path: Path) -> None:
    method, path = route.split()
    page = f'export const Desk = ({{ user }}) => <div>{{user.role === "admin" && <a onClick={{() => fetch("{path}", {{ method: "{method.upper()}" }})}}>x</a>}}</div>;\n'
    served = EXPRESS % "" + f'app.{method}("{path}", async (req, res) => res.json(await db.all()));\n'
    outcome = await ask("LR108", write(tmp_path, {**app({"web/src/Desk.jsx": page}, ""), "server.js": served}))
    (finding,) = outcome.findings
    assert ((finding.severity, finding.confidence) == (Severity.BLOCKER, Confidence.CERTAIN)) is blocks
