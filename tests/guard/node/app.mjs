// An Express app with the guard before it: node app.mjs express4 FOLDER. Every handler says which route it is of, and which row let it pass.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , version, folder] = process.argv;
const { default: express } = await import(version);
const { bearer, expressGuard } = await import(pathToFileURL(`${folder}/launchready-guard.mjs`));
const policy = JSON.parse(readFileSync(`${folder}/launchready-policy.json`, "utf8"));
const app = express();
const heard = [];

const identify = bearer({ key: process.env.TOKEN_KEY, tenant: policy.tenant.claim, cookie: "session" });
app.use(expressGuard(policy, { verified: ["stripe"], hear: (said) => heard.push(said), identify: (call) => {
  if (call.headers.has("x-break")) throw new RangeError("a slip of this app's own");
  return identify(call);
} }));
app.use("/hooks", express.raw({ type: "*/*" }));
app.use(express.json(), express.urlencoded({ extended: true }));
for (const route of process.env.ROUTES.split("\n")) {
  const [method, path] = route.split(" ");
  app[method.toLowerCase()](path, (req, res) => {
    res.set("Access-Control-Allow-Origin", "*").set("X-Frame-Options", "SAMEORIGIN");
    const body = Buffer.isBuffer(req.body) ? req.body.toString() : req.body ?? null;
    res.json({ route, row: req.launchready.route, who: req.launchready.identity?.subject ?? null, params: req.params, body });
  });
}
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
