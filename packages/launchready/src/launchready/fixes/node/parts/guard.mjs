// ---- The guard

/** Decides. `identify` says who calls, `address` where from when the runtime does not; `verified` names the signatures the app checks
 *  itself; `hear` is told each refusal; `observe` lets everything pass and only tells. */
export class Guard {
  constructor(policy, { identify = () => null, observe = false, verified = [], hear = () => {}, address: from, clock } = {}) {
    if (policy.schema !== 1) throw new Error("launchready-policy.json is of another version. Run `launchready fix` again.");
    const signed = policy.rows.find((row) => row.signature && !verified.includes(row.signature));
    if (signed) throw new Error(`${signed.route} is signed (${signed.signature}), which is not checked here: verify it in the app, and add verified: ["${signed.signature}"].`);
    Object.assign(this, { policy, identify, observe, hear, from, clock, table: new Table(policy.rows), windows: new Map() });
    this.clients = { ...policy.clients, networks: policy.clients.proxies.map(network) };
    const named = (where, places) => places.filter((one) => one.startsWith(where)).map((one) => one.slice(where.length));
    const places = [...policy.tenant.param, ...policy.owner.param];
    this.queries = named("query:", places);
    this.names = new Set([...ACCOUNT, ...named("body:", places).map((one) => one.toLowerCase())]);
  }

  /** What a request comes to: `status` 0 and who calls when it may pass; else the answer. */
  async decide(asked) {
    const call = { identity: null, said: undefined, answer: [], observed: [], ...asked, header: (name) => asked.headers.get(name) ?? "" };
    call.cookie = (name) => cookies(call.header("cookie")).get(name) ?? "";
    let row = null;
    try {
      const at = clear(call.target), { path, raw, query, unclear } = at;
      if (REWRITES.some((name) => call.headers.has(name))) unclear();
      call.fields = [...new URLSearchParams(query)];
      const mine = this.queries.map((name) => name.toLowerCase());
      if (call.fields.some(([key]) => mine.includes(key.split("[")[0].trim().toLowerCase()) && !this.queries.includes(key))) unclear();
      if (call.method === "OPTIONS" && call.headers.has("access-control-request-method") && call.headers.has("origin")) {
        return this.#preflight(call, path);
      }
      const found = this.table.find(call.method, path);
      if (!found.row || found.row.review || !this.table.agrees(found.row, call.method, path, raw)) {
        this.#unlisted(call, found);
        return this.#passed(call, null);
      }
      ({ row } = found);
      call.params = found.params;
      call.client = this.from ? client(String(this.from(call))) : caller(this.clients, call.peer ?? "", call.header);
      for (const [rule, ask] of RULES) {
        // Waiting costs more than most rules.
        const waiting = this.#ask(rule, row, call, ask);
        if (waiting) await waiting;
      }
      return this.#passed(call, row);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.hear(this.#told("refused", call, row, error));
      return this.#refused(call, error);
    }
  }

  #ask(rule, row, call, ask) {
    try { return ask(this, row, call)?.catch((error) => this.#refuses(rule, row, call, error)); } catch (error) { this.#refuses(rule, row, call, error); }
  }
  #refuses(rule, row, call, error) {
    if (!(error instanceof Refusal) || this.#stops(rule, row)) throw error;
    this.hear(this.#told("observed", call, row, error));
  }
  #stops(rule, row) { return !(this.observe || this.policy.observe.includes(rule) || row?.observe); }
  #told(event, call, row, { rule, status, detail }) {
    return { event, rule, status, route: row?.route ?? "unlisted", method: call.method.slice(0, 20), subject: call.identity?.subject ?? null, address: call.client ?? "", why: detail };
  }
  #unlisted(call, { row, others }) {
    let refusal = new Refusal("unlisted", 404, "Not Found", "There is nothing here.");
    if (!row && others.size) {
      const allowed = [...others].sort().join(", ");
      refusal = new Refusal("unlisted", 405, "Method Not Allowed", `It takes ${allowed}.`, [["allow", allowed]]);
    }
    if (this.#stops("unlisted")) throw refusal;
    this.hear(this.#told("observed", call, null, refusal));
  }
  #allows(origin) { return this.policy.cors.origins.some((one) => one === "*" || one === origin); }
  #cors(origin) {
    const { origins, credentials } = this.policy.cors;
    if (!origins.length) return [];
    if (!this.#allows(origin)) return [["vary", "Origin"]];
    const found = [["access-control-allow-origin", origins.includes("*") ? "*" : origin], ["vary", "Origin"]];
    return credentials ? [...found, ["access-control-allow-credentials", "true"]] : found;
  }
  #preflight(call, path) {
    const origin = call.header("origin"), method = call.header("access-control-request-method"), { row } = this.table.find(method, path);
    const headers = [["vary", "Origin"], ...this.#safe(call)], wanted = call.header("access-control-request-headers");
    if (row && !row.review && this.#allows(origin)) {
      headers.push(...this.#cors(origin), ["access-control-allow-methods", method], ["access-control-max-age", "600"]);
      if (/^[\w, -]+$/.test(wanted)) headers.push(["access-control-allow-headers", wanted]);
    }
    return { status: 204, headers: headers.filter(([name], at) => name !== "vary" || at === 0), body: "" };
  }
  #safe(call) { return [...Object.entries(this.policy.headers), ...(call.secure ? [["strict-transport-security", this.policy.hsts]] : [])]; }
  #extra(call) { return [...this.#safe(call), ...call.answer, ...(call.headers.has("origin") ? this.#cors(call.header("origin")) : [])]; }
  #passed(call, row) { return { status: 0, identity: call.identity, route: row?.route ?? "", headers: this.#extra(call) }; }
  #refused(call, { status, title, detail, headers }) {
    const own = [["content-type", "application/problem+json"], ["cache-control", "no-store"], ...headers];
    return { status, headers: [...own, ...this.#extra(call)], body: call.method === "HEAD" ? "" : JSON.stringify({ type: "about:blank", title, status, detail }) };
  }
  /** Whether a website may act with the session a browser brings along. */
  trusts(origin) { return this.policy.cors.credentials && this.policy.cors.origins.includes(origin); }
  /** Count an attempt; throws past the limit. */
  count(call, limit, key) {
    const name = `${limit.name}:${limit.per}:${limit.seconds}`;
    if (!this.windows.has(name)) this.windows.set(name, new Window(limit.count, limit.seconds, this.clock));
    const found = this.windows.get(name).hit(key), wait = Math.max(Math.ceil(found.reset), 1);
    call.answer.push(["ratelimit-policy", `"${limit.name}";q=${limit.count};w=${limit.seconds}`], ["ratelimit", `"${limit.name}";r=${found.left};t=${wait}`]);
    if (found.within) return;
    const per = limit.per === "address" ? "" : " for this account";
    no("limits", 429, "Too Many Requests", `Too many attempts${per}. Try again in ${wait} s.`, [["retry-after", String(wait)]]);
  }
}
