// Written by `launchready fix`: keeps what launchready-policy.json says, and refuses the rest. Tests: node --test
// No dependency. Node 18 or newer, and edge runtimes: nothing here but JavaScript and Web Crypto.

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);
const FORM = "application/x-www-form-urlencoded";
const ACCOUNT = ["email", "username", "login", "account", "user", "phone", "identifier"];
// Lists by definition (RFC 9110, section 5.3); of other headers one must not come twice.
const LISTS = new Set(["cookie", "accept", "accept-encoding", "accept-language", "x-forwarded-for", "forwarded", "via",
  "cache-control", "connection", "sec-websocket-protocol", "sec-websocket-extensions"]);
// Some frameworks take method and address from these instead.
const REWRITES = ["x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url"];
const SLOWEST = 30_000, DEEPEST = 64, MOST_KEYS = 50_000, MOST_TOKENS = 10_000, EXACT = 64, SHORTEST_KEY = 32, LONGEST_TOKEN = 8192;

export class TokenError extends Error {}
class Refusal extends Error {
  constructor(rule, status, title, detail, headers = []) {
    super(detail);
    Object.assign(this, { rule, status, title, detail, headers });
  }
}
const no = (rule, status, title, detail, headers) => { throw new Refusal(rule, status, title, detail, headers); };
const bad = (detail) => no("body", 400, "Bad Request", detail);
