"""Sign-up and sign-in behind express-rate-limit."""

EXPRESS = """
import crypto from "node:crypto";
import express from "express";
import { rateLimit, ipKeyGenerator } from "express-rate-limit";

const app = express();
app.use(express.json());
const people = new Map(), sessions = new Map();
const signIns = rateLimit({ windowMs: 15 * 60 * 1000, limit: 9, HEADERS, keyGenerator: (req) => KEY });
const everybody = rateLimit({ windowMs: 15 * 60 * 1000, limit: 60, HEADERS });

app.post("/api/signup", (req, res) => {
  const { email, password } = req.body;
  if (people.has(email)) return res.status(409).json({ error: "taken" });
  people.set(email, password);
  res.status(201).json({ email });
});

app.post("/api/login", everybody, signIns, (req, res) => {
  const { email, password } = req.body;
  const found = [...people.keys()].find((one) => one.toLowerCase() === String(email).toLowerCase());
  if (!found || people.get(found) !== password) return res.status(401).json({ error: "Wrong e-mail or password" });
  const token = crypto.randomBytes(24).toString("hex");
  sessions.set(token, found);
  res.json({ token });
});

app.get("/api/me", (req, res) => {
  const email = sessions.get((req.get("authorization") ?? "").replace("Bearer ", ""));
  if (!email) return res.status(401).json({ error: "Sign in first" });
  res.json({ email });
});

app.listen(Number(process.argv[2]), "127.0.0.1");
"""
SOUND = "String(req.body?.email).toLowerCase()"


def express(key: str = SOUND, headers: str = 'standardHeaders: "draft-8", legacyHeaders: false') -> str:
    """An app whose sign-in is counted by ``key``, beside all calls of an address."""
    return EXPRESS.replace("KEY", key).replace("HEADERS", headers)
