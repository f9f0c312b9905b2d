// ---- Who calls

/** Says who calls by a JSON Web Token signed with HS256, HS384 or HS512 (RFC 7519, RFC 8725). A verified one is remembered for `remember` seconds,
 *  never longer than it lives. */
export function bearer({ key, algorithm = "HS256", subject = "sub", role = "role", tenant = "tenant", issuer = "", audience = "",
  cookie = "", leeway = 10, remember = 30, clock = () => Date.now() / 1000 }) {
  const bytes = new TextEncoder().encode(key ?? "");
  if (bytes.length < SHORTEST_KEY) throw new Error(`bearer: the key has ${bytes.length} bytes. Give at least ${SHORTEST_KEY} random ones.`);
  if (!/^HS(256|384|512)$/.test(algorithm)) throw new Error(`bearer: ${algorithm} is not HS256, HS384 or HS512`);
  const how = { name: "HMAC", hash: `SHA-${algorithm.slice(2)}` };
  const known = new Map();
  let imported;
  return (call) => {
    const said = call.header("authorization"), at = said.indexOf(" ");
    const inHeader = said.slice(0, Math.max(at, 0)).toLowerCase() === "bearer";
    const token = (inHeader ? said.slice(at + 1) : cookie ? call.cookie(cookie) : "").trim();
    if (!token) return null;
    // The same token in a cookie is another matter: a browser brings that along by itself.
    const key = `${inHeader} ${token}`, kept = known.get(key), now = clock();
    if (kept && now < kept.until) return kept.identity;
    return verified(token, now, !inHeader).then(({ identity, ends }) => {
      if (known.size >= MOST_TOKENS) known.delete(known.keys().next().value);
      known.set(key, { identity, until: Math.min(ends + leeway, now + remember) });
      return identity;
    });
  };
  async function verified(token, now, inCookie) {
    if (token.length > LONGEST_TOKEN) throw new TokenError("longer than any token");
    const parts = token.split(".");
    if (parts.length !== 3) throw new TokenError("no JSON Web Token");
    const head = table(parts[0]);
    if (head.alg !== algorithm || "crit" in head) throw new TokenError("another algorithm than ours");
    const crypto = await subtle();
    imported ??= crypto.importKey("raw", bytes, how, false, ["verify"]);
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    if (!(await crypto.verify("HMAC", await imported, decoded(parts[2]), signed))) throw new TokenError("its signature is not ours");
    const claims = table(parts[1]), begins = claims.nbf ?? 0;
    if (typeof claims.exp !== "number") throw new TokenError("it never ends: no exp claim");
    if (!(now < claims.exp + leeway) || typeof begins !== "number") throw new TokenError("it has expired");
    if (begins > now + leeway) throw new TokenError("it is not valid yet");
    if (issuer && claims.iss !== issuer) throw new TokenError("another issuer");
    if (audience && !texts(claims.aud).includes(audience)) throw new TokenError("for another audience");
    const who = texts(within(claims, subject));
    if (who.length !== 1) throw new TokenError(`no ${subject} claim`);
    const [roles, tenants] = [role, tenant].map((name) => texts(within(claims, name)));
    return { identity: { subject: who[0], roles, tenants, cookie: inCookie, claims }, ends: claims.exp };
  }
}
// Node 18 keeps Web Crypto in a module; everywhere else it is there.
const subtle = async () => globalThis.crypto?.subtle ?? (await import(/* webpackIgnore: true */ "node:crypto")).webcrypto.subtle;

function decoded(part) {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) throw new TokenError("no JSON Web Token");
  try {
    return Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch { throw new TokenError("no JSON Web Token"); }
}
function table(part) {
  let found;
  try { found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decoded(part))); } catch { /* told below */ }
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new TokenError("no JSON Web Token");
  return found;
}
const own = (said, name) => (typeof said === "object" && said !== null && Object.hasOwn(said, name) ? said[name] : undefined);
const within = (said, name) => name.split(".").reduce(own, said);
const isText = (one) => (typeof one === "string" && one !== "") || Number.isSafeInteger(one);
const texts = (said) => (Array.isArray(said) ? said : [said]).filter(isText).map(String);
