// ---- The rules

function cookies(text) {
  const found = new Map();
  for (const part of text.split(";")) {
    const at = part.indexOf("="), name = part.slice(0, Math.max(at, 0)).trim(), value = part.slice(at + 1).trim().replace(/^"|"$/g, "");
    // One that came twice with two values counts as none: the app might believe the other one.
    if (at >= 0) found.set(name, (found.get(name) ?? value) === value ? value : "");
  }
  return found;
}
function values(call, place) {
  const at = place.indexOf(":"), where = place.slice(0, at), name = place.slice(at + 1);
  if (where === "query") return call.fields.filter(([key]) => key === name).map(([, value]) => value);
  const found = where === "path" ? own(call.params, name) : where === "header" ? call.header(name.toLowerCase()) || undefined
    : where === "cookie" ? cookies(call.header("cookie")).get(name) : within(call.said, name);
  return typeof found === "string" || typeof found === "number" ? [String(found)] : [];
}

// The rules in the order in which they are asked, as the guard for Python asks them.
const RULES = [
  ["host", ({ policy }, row, call) => {
    const host = call.header("host").toLowerCase().replace(/:\d*$/, "");
    if (policy.hosts.length && !policy.hosts.includes(host)) no("host", 421, "Misdirected Request", "This name is not served here.");
  }],
  ["body", (guard, row, { twice }) => { if (twice?.size) bad(`A header came more than once: ${[...twice].sort().join(", ")}.`); }],
  ["limits", (guard, row, call) => row.limits.filter((one) => one.per === "address").forEach((one) => guard.count(call, one, call.client || "nobody"))],
  ["body", (guard, row, call) => {
    const length = call.headers.get("content-length");
    if (length === undefined ? call.headers.has("transfer-encoding") || call.mayHaveBody : length !== "0") return readBody(guard, row, call, length);
  }],
  ["access", (guard, row, call) => {
    let found;
    try { found = guard.identify(call); } catch (error) { return unproven(error, row); }
    if (typeof found?.then !== "function") return admit(found, row, call);
    return found.then((who) => admit(who, row, call), (error) => unproven(error, row));
  }],
  ["csrf", (guard, row, call) => {
    const { policy } = guard, who = call.identity, origin = call.header("origin"), site = call.header("sec-fetch-site");
    if (policy.csrf === "off" || row.signature || SAFE.has(call.method) || (who && !who.cookie)) return;
    if (!who && policy.cors.origins.some((one) => one === "*" || one === origin)) return;
    if (origin && guard.trusts(origin)) return;
    const from = origin || call.header("referer");
    let host = "";
    try { host = new URL(from).host; } catch { /* of no website */ }
    const ours = site ? ["same-origin", "none"].includes(site) : !from || (host && (host === call.header("host").toLowerCase() || policy.hosts.includes(host)));
    if (!ours) no("csrf", 403, "Forbidden", "This came from another website.");
  }],
  ["tenant", ({ policy: { tenant } }, row, call) => {
    const who = call.identity;
    if (!row.tenant || !who || who.roles.some((role) => tenant.across.includes(role))) return;
    if (!who.tenants.length) no("tenant", 403, "Forbidden", "You belong to no workspace.");
    const named = tenant.param.flatMap((place) => values(call, place));
    if (named.some((one) => !who.tenants.includes(one))) no("tenant", 404, "Not Found", "There is nothing here for you.");
  }],
  ["owner", ({ policy: { owner } }, row, call) => {
    const who = call.identity;
    if (!row.own.length || !who || who.roles.some((role) => row.allow.includes(role) && !row.own.includes(role))) return;
    const named = owner.param.flatMap((place) => values(call, place));
    if (named.some((one) => one !== who.subject)) no("owner", 404, "Not Found", "There is nothing here for you.");
  }],
  ["limits", (guard, row, call) => {
    const wanted = row.limits.filter((one) => one.per === "account"), named = call.identity ? `is ${call.identity.subject}` : account(call.said);
    if (wanted.length && named) return countAccount(guard, call, wanted, named);
  }],
];
async function readBody(guard, row, call, length) {
  const tooLarge = () => no("body", 413, "Content Too Large", `The body may have at most ${row.body} bytes.`);
  if (length !== undefined && !/^\d{1,15}$/.test(length)) bad("Content-Length is no number.");
  if (Number(length) > row.body) tooLarge();
  const type = call.header("content-type"), kind = type.split(";")[0].trim().toLowerCase();
  const isJson = kind === "application/json" || kind.endsWith("+json"), isForm = kind === FORM || kind === "multipart/form-data";
  const content = await call.read(row.body);
  if (content.length > row.body) tooLarge();
  if (!content.length) return;
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1] ?? "utf-8", encoding = call.header("content-encoding") || "identity";
  const known = isJson || isForm;
  // What the app's parser unpacks or decodes by other rules, the guard has not read.
  if ((known && (!/^utf-?8$/i.test(charset) || encoding !== "identity")) || (row.keep && !known)) {
    no("body", 415, "Unsupported Media Type", "Send it as JSON or as a form, in UTF-8 and not compressed.");
  }
  if (isJson) call.said = strictJson(content);
  else if (isForm && row.keep) call.said = form(kind, type, content, guard.names);
}
const challenge = (said) => [["www-authenticate", said]];
function admit(who, row, call) {
  call.identity = who ?? null;
  if (row.allow.includes("guest")) return;
  if (!who) no("access", 401, "Unauthorized", "Sign in first.", challenge("Bearer"));
  if (!who.roles.some((role) => row.allow.includes(role))) no("access", 403, "Forbidden", "Your role may not do this.");
}
function unproven(error, row) {
  if (!(error instanceof TokenError)) throw error;
  if (row.allow.includes("guest")) return;
  no("access", 401, "Unauthorized", "The session or token is not valid. Sign in again.", challenge('Bearer error="invalid_token"'));
}
async function countAccount(guard, call, wanted, named) {
  // Nothing is kept of an account but a digest.
  const digest = await (await subtle()).digest("SHA-256", new TextEncoder().encode(named));
  for (const one of wanted) guard.count(call, one, String.fromCharCode(...new Uint8Array(digest)));
}
function account(said) {
  const isTable = (one) => typeof one === "object" && one !== null && !Array.isArray(one);
  for (const one of isTable(said) ? [said, ...Object.values(said)] : []) {
    const small = new Map(isTable(one) ? Object.entries(one).map(([key, value]) => [key.toLowerCase(), value]) : []);
    for (const name of ACCOUNT) {
      const value = small.get(name);
      if ((typeof value === "string" || typeof value === "number") && String(value).trim()) return `names ${String(value).trim().toLowerCase()}`;
    }
  }
  return "";
}
