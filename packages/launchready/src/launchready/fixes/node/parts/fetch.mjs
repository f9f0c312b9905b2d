// ---- Fetch: Next.js and edge runtimes

/** For a `Request`: `refusal` is the `Response`, or null with the `headers` for the app and those of the `answer`. */
export function requestGuard(policy, options = {}) {
  if (policy.rows.some((row) => row.limits.length) && !policy.clients.hops && !options.address) {
    throw new Error("Limits need the caller's address: set [clients] hops to the number of proxies before the app, or give address: (call) => …");
  }
  const guard = new Guard(policy, options);
  return async (request) => {
    const url = new URL(request.url), headers = new Map(request.headers);
    const said = await guard.decide({
      method: request.method, target: url.pathname + url.search, headers, secure: url.protocol === "https:", request,
      mayHaveBody: request.body !== null, read: (most) => copied(request, most),
    });
    if (said.status) return { refusal: new Response(said.body || null, { status: said.status, headers: said.headers }), identity: null };
    const told = new Headers(request.headers), who = said.identity;
    for (const [name, value] of [["subject", who ? [who.subject] : []], ["roles", who?.roles ?? []], ["tenant", who?.tenants ?? []]]) {
      told.set(`x-auth-${name}`, value.map(encodeURIComponent).join(","));
    }
    return { refusal: null, identity: who, headers: told, answer: said.headers };
  };
}
async function copied(request, most) {
  const parts = [], reader = request.clone().body?.getReader();
  let size = 0;
  for (let part; reader && size <= most && !(part = await reader.read()).done; ) { parts.push(part.value); size += part.value.length; }
  // Its end waits for the other copy's, which nobody reads.
  if (size > most) void reader.cancel();
  const content = new Uint8Array(size);
  let at = 0;
  for (const part of parts) { content.set(part, at); at += part.length; }
  return content;
}
