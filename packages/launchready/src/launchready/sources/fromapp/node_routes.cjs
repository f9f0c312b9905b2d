// Run by node, in the folder of the app: `node node_routes.cjs RESULT ENTRY MILLISECONDS`. Requires the entry with every `listen`
// stubbed, walks the router stacks of Express 4 and 5 (also those below NestJS), and writes the same JSON as python_routes.py.
"use strict";
const fs = require("fs");
const Module = require("module");
const net = require("net");
const path = require("path");
const { pathToFileURL } = require("url");

const [result, entry, patience] = process.argv.slice(2);
const apps = new Set();
const paths = new WeakMap();
const wrapped = new WeakMap();
let listened = false;

// Layers keep the pattern they were compiled to, and not the path they were given.
function layers(original) {
  if (typeof original !== "function") return original;
  if (!wrapped.has(original)) {
    const note = (layer, args) => {
      if (layer && typeof layer === "object") paths.set(layer, args[0]);
      return layer;
    };
    wrapped.set(
      original,
      new Proxy(original, {
        construct: (target, args, as) => note(Reflect.construct(target, args, as), args),
        apply: (target, self, args) => note(Reflect.apply(target, self, args), args),
      }),
    );
  }
  return wrapped.get(original);
}

function makers(original) {
  if (typeof original !== "function") return original;
  if (!wrapped.has(original)) {
    const proxy = new Proxy(original, {
      apply(target, self, args) {
        const app = Reflect.apply(target, self, args);
        apps.add(app);
        return app;
      },
    });
    wrapped.set(original, proxy);
  }
  return wrapped.get(original);
}

const load = Module._load;
Module._load = function (request, parent, isMain) {
  const loaded = load.call(this, request, parent, isMain);
  if (!/express|layer/.test(request)) return loaded;
  let file = request;
  try {
    file = Module._resolveFilename(request, parent, isMain);
  } catch {
    return loaded;
  }
  const place = file.split(path.sep).join("/");
  if (/\/(?:[^/]*express[^/]*\/lib\/router|router\/lib)\/layer\.js$/.test(place)) return layers(loaded);
  if (/\/node_modules\/(?:[^/]*express[^/]*)\/index\.js$/.test(place) && loaded && loaded.application) return makers(loaded);
  return loaded;
};

net.Server.prototype.listen = function (...args) {
  listened = true;
  for (const listener of this.listeners("request")) apps.add(listener);
  this.address = () => ({ address: "127.0.0.1", family: "IPv4", port: 0 });
  const done = args.find((one) => typeof one === "function");
  setImmediate(() => {
    this.emit("listening");
    if (done) done.call(this);
  });
  return this;
};

function template(given) {
  if (Array.isArray(given)) return given.map(template);
  if (given instanceof RegExp) return "/{pattern?}";
  return String(given)
    .replace(/\{([^{}]*)\}/g, "$1")
    .replace(/:(\w+)(?:\([^()]*\))?[?*+]?/g, "{$1}")
    .replace(/\/\*(\w+)/g, "/{$1}")
    .replace(/\*/g, "{splat}");
}

const every = (given) => [].concat(template(given));
const join = (a, b) => ("/" + [a, b].map((one) => one.replace(/^\/+|\/+$/g, "")).filter(Boolean).join("/")) || "/";

function walk(router, prefix, found, depth) {
  if (!router || !Array.isArray(router.stack) || depth > 20) return;
  for (const layer of router.stack) {
    if (layer.route) {
      for (const one of every(layer.route.path)) {
        const own = layer.route.methods;
        // app.all() registers every method that node can parse.
        const any = own._all || own.trace;
        const names = any ? ["ANY"] : Object.keys(own).map((name) => name.toUpperCase());
        const last = layer.route.stack[layer.route.stack.length - 1];
        for (const method of names) found.push(row(method, join(prefix, one), last && (last.handle.name || "")));
      }
      continue;
    }
    const handle = layer.handle;
    const own = layer.regexp && layer.regexp.fast_slash ? "/" : paths.has(layer) ? paths.get(layer) : "/";
    for (const one of every(own)) {
      const here = join(prefix, one);
      if (handle && Array.isArray(handle.stack)) walk(handle, here, found, depth + 1);
      else if (handle && handle.name === "serveStatic") found.push(row("GET", join(here, "{path}"), "serveStatic", true));
    }
  }
}

function stackOf(app) {
  try {
    const own = app.router;
    if (own && Array.isArray(own.stack)) return own;
  } catch {
    // Express 4 forbids to read app.router.
  }
  return app._router || (Array.isArray(app.stack) ? app : null);
}

function row(method, where, handler, isStatic) {
  return { method, path: where, handler: String(handler || ""), file: "", line: 0, static: Boolean(isStatic) };
}

function routes() {
  const found = [];
  const all = [...apps].filter((app) => app && (typeof app === "function" || typeof app === "object"));
  const mount = (app) => (app.parent && app.mountpath ? join(mount(app.parent), every(app.mountpath)[0]) : "/");
  for (const app of all) walk(stackOf(app), app.mountpath && app.parent ? mount(app) : "/", found, 0);
  const once = new Map(found.map((one) => [one.method + " " + one.path, one]));
  return [...once.values()];
}

function finish(answer) {
  fs.writeFileSync(result, JSON.stringify(answer));
  process.reallyExit(0);
}

function failed(error) {
  const text = String((error && error.message) || error).slice(0, 400);
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(text);
  finish(missing ? { error: "module", detail: missing[1] } : { error: "raised", detail: text });
}

const exit = process.exit;
process.exit = (code) => {
  const found = routes();
  if (found.length) finish({ framework: "Express", routes: found });
  else if (code) failed(`the app ended itself with ${code}; a setting it needs may be missing`);
  exit(code);
};
process.on("uncaughtException", (error) => (routes().length ? finish({ framework: "Express", routes: routes() }) : failed(error)));
process.on("unhandledRejection", (error) => (listened || routes().length ? undefined : failed(error)));

async function main() {
  const file = path.resolve(entry);
  let loaded;
  try {
    loaded = require(file);
  } catch (error) {
    if (!["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"].includes(error.code) && !/await is only valid|import statement outside/.test(error.message)) throw error;
    loaded = await import(pathToFileURL(file));
  }
  for (const one of [loaded, loaded && loaded.default, loaded && loaded.app]) {
    if (one && (typeof one === "function" || typeof one === "object") && stackOf(one)) apps.add(one);
  }
  // Apps that connect to a database first register their routes late: wait for listen, then for quiet.
  const until = Date.now() + Number(patience);
  let before = -1;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const count = routes().length;
    if (count && count === before && (listened || Date.now() > until - Number(patience) / 2)) break;
    before = count;
  }
  finish(apps.size ? { framework: "Express", routes: routes() } : { error: "kind", detail: "no Express app was made" });
}

main().catch(failed);
