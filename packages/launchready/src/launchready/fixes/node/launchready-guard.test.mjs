// Written by `launchready fix`: what launchready-policy.json promises, asked of the guard. Run it with: node --test
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bearer, Guard, strictJson } from "./launchready-guard.mjs";

const policy = JSON.parse(readFileSync(new URL("./launchready-policy.json", import.meta.url), "utf8"));
const KEY = "a key of these tests, of no app at all";
const verified = policy.rows.map((row) => row.signature).filter(Boolean);
const rows = policy.rows.filter((row) => !row.review && !row.observe);
const enforced = (rule) => !policy.observe.includes(rule);

function token(claims, head = { alg: "HS256" }, key = KEY) {
  const part = (said) => Buffer.from(JSON.stringify(said)).toString("base64url");
  const signed = `${part(head)}.${part({ sub: "ann", exp: Date.now() / 1000 + 60, ...claims })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
const addressOf = (row) => row.route.slice(row.route.indexOf(" ") + 1).replaceAll(/\{[^}]*\}/g, "one");
const methodOf = (row) => row.methods[0] ?? "GET";
function ask(row, claims, { headers = {}, target = addressOf(row), method = methodOf(row), guard = fresh(), peer = "192.0.2.1" } = {}) {
  const host = policy.hosts[0] ?? "app.example.com", who = claims ? { authorization: `Bearer ${token(claims)}` } : {};
  const read = async () => new Uint8Array();
  return guard.decide({ method, target, peer, read, headers: new Map(Object.entries({ host, ...who, ...headers })) });
}
const fresh = () => new Guard(policy, { identify: bearer({ key: KEY }), verified, address: (call) => call.peer });
// The row that is reached by its own example, and not by a plainer one.
const reached = rows.filter((row) => new Guard(policy, { verified }).table.find(methodOf(row), addressOf(row)).row?.route === row.route);

test("what the policy does not name is refused", async () => {
  for (const target of ["/launchready-nowhere/at/all", "/.env.launchready/x/y"]) {
    const named = fresh().table.find("GET", target).row;
    if (!named && enforced("unlisted")) assert.equal((await ask(null, null, { target, method: "GET" })).status, 404);
  }
  assert.equal((await ask(null, null, { target: "/", method: "PURGE" })).status === 0, rows.some((row) => !row.methods.length && row.pattern === "/"));
});

for (const row of enforced("access") ? reached : []) {
  if (row.allow.includes("guest")) continue;
  test(`${row.route}: nobody gets in who is not signed in`, async () => {
    assert.equal((await ask(row, null)).status, 401);
    for (const said of [token({}, { alg: "none" }), token({}, { alg: "HS256" }, "another key of thirty-two bytes!!"), token({ exp: 1 }), token({ exp: undefined }), "a.b.c"]) {
      assert.equal((await ask(row, null, { headers: { authorization: `Bearer ${said}` } })).status, 401);
    }
  });
  test(`${row.route}: only ${row.allow.join(", ") || "nobody"}`, async () => {
    assert.equal((await ask(row, { role: "of no policy", tenant: "one" })).status, 403);
    for (const role of row.allow) assert.equal((await ask(row, { sub: "one", role, tenant: "one" })).status, 0, role);
  });
  const path = policy.tenant.param.filter((place) => place.startsWith("path:") && row.pattern.includes(`<${place.slice(5)}>`));
  const bound = row.allow.filter((role) => !policy.tenant.across.includes(role));
  if (row.tenant && path.length && bound.length && enforced("tenant")) {
    test(`${row.route}: another workspace is not there`, async () => {
      assert.equal((await ask(row, { sub: "one", role: bound[0], tenant: "another" })).status, 404);
    });
  }
}

for (const row of enforced("limits") ? reached : []) {
  const limit = row.limits.find((one) => one.per === "address");
  if (!limit || limit.count > 1000) continue;
  test(`${row.route}: not more than ${limit.count} in ${limit.seconds} s`, async () => {
    const guard = new Guard(policy, { identify: bearer({ key: KEY }), verified, address: (call) => call.peer, clock: () => 0 });
    for (let number = 0; number < limit.count; number++) assert.notEqual((await ask(row, null, { guard })).status, 429);
    const refused = await ask(row, null, { guard });
    assert.equal(refused.status, 429);
    assert.ok(refused.headers.some(([name, value]) => name === "retry-after" && Number(value) > 0));
    assert.notEqual((await ask(row, null, { guard, peer: "192.0.2.2" })).status, 429);
  });
}

test("an address that can be read in two ways is refused", async () => {
  for (const target of ["//", "/a//b", "/./a", "/a/../b", "/%2e%2e/a", "/a%2fb", "/a%5cb", "/%61", "/a;b", "/%2541", "/a%00", "/%", "/%zz", "/%c0%af", "a"]) {
    assert.equal((await ask(null, null, { target, method: "GET" })).status, 400, target);
  }
});

test("another website is not told that it may read answers", async () => {
  const headers = { origin: "https://evil.example" };
  const said = await ask(null, null, { target: "/", method: "GET", headers });
  const allowed = said.headers.find(([name]) => name === "access-control-allow-origin")?.[1];
  assert.equal(allowed, policy.cors.origins.includes("*") ? "*" : undefined);
});

test("JSON that parsers read differently is refused", () => {
  for (const text of ['{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '{"a":1e999}', '{"a":"\\ud800"}', '{"a":NaN}', "[".repeat(65) + "]".repeat(65), "{", "\ufeff{}"]) {
    assert.throws(() => strictJson(new TextEncoder().encode(text)), text);
  }
  assert.throws(() => strictJson(new Uint8Array([0x22, 0xff, 0x22])));
  assert.deepEqual(strictJson(new TextEncoder().encode('{"a":[{"b":1},{"b":"a\\\\\\":"}], "b" : "\\ud83d\\ude00"}')), { a: [{ b: 1 }, { b: 'a\\":' }], b: "😀" });
});
