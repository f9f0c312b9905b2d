// ---- Express, and whatever speaks (req, res, next)

/** Middleware that stands before every other: `app.use(expressGuard(policy, { identify }))`. Who calls is in `req.launchready`. */
export function expressGuard(policy, options) {
  const guard = new Guard(policy, options);
  return async function launchready(req, res, next) {
    let said;
    try { said = await guard.decide(fromNode(req)); } catch (error) {
      // Whatever broke, nothing passes that was not judged.
      guard.hear({ event: "broken", why: String(error) });
      said = { status: 503, headers: [["cache-control", "no-store"]], body: "" };
    }
    for (const [name, value] of said.headers) res.setHeader(name, value);
    if (said.status) {
      if (!req.complete) res.setHeader("connection", "close");
      res.statusCode = said.status;
      res.end(said.body);
      return;
    }
    ownOrigins(res, said.headers);
    req.launchready = { identity: said.identity, route: said.route };
    next();
  };
}
function fromNode(req) {
  const headers = new Map(), twice = new Set(), listed = req.rawHeaders;
  for (let at = 0; at < listed.length; at += 2) {
    const name = listed[at].toLowerCase();
    if (!headers.has(name)) headers.set(name, listed[at + 1]);
    else if (LISTS.has(name)) headers.set(name, `${headers.get(name)}${name === "cookie" ? "; " : ", "}${listed[at + 1]}`);
    else twice.add(name);
  }
  const { socket, method } = req;
  return { method, target: req.originalUrl ?? req.url, headers, twice, peer: socket.remoteAddress ?? "", secure: Boolean(socket.encrypted), read: (most) => peek(req, most) };
}
/** All of the body, or a little more than `most` bytes; it is put back, so that the app reads it as if nobody had. */
function peek(req, most) {
  return new Promise((resolve, reject) => {
    if (req.complete && !req.readableLength) return resolve(Buffer.alloc(0));
    const parts = [];
    let size = 0;
    const timer = setTimeout(() => done(new Refusal("body", 408, "Request Timeout", "The body did not arrive in time.")), SLOWEST);
    const done = (error) => {
      clearTimeout(timer);
      req.off("readable", more).off("error", done).off("close", gone);
      const content = Buffer.concat(parts);
      if (content.length && !error) req.unshift(content);
      if (error) reject(error); else resolve(content);
    };
    const gone = () => done(new Refusal("body", 400, "Bad Request", "The body ended too early."));
    const more = () => {
      for (let part; req.readableLength && (part = req.read()) !== null; ) { parts.push(part); size += part.length; }
      if (size > most || req.complete) done();
    };
    req.on("readable", more).on("error", done).on("close", gone);
  });
}
/** Who may read answers is the policy's matter: what the app says about it itself is left out. */
function ownOrigins(res, headers) {
  const cors = headers.filter(([name]) => name.startsWith("access-control-")), writeHead = res.writeHead;
  res.writeHead = function (...given) {
    const last = given.at(-1), said = typeof last === "object" && last !== null && !Array.isArray(last) ? given.pop() : {};
    for (const [name, value] of Object.entries(said)) res.setHeader(name, value);
    for (const name of res.getHeaderNames()) if (name.startsWith("access-control-")) res.removeHeader(name);
    for (const [name, value] of cors) res.setHeader(name, value);
    return writeHead.apply(res, given);
  };
}
