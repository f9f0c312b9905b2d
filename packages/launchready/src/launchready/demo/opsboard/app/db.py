"""The database: SQLite, one file."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.config import DATABASE

SCHEMA = """
CREATE TABLE IF NOT EXISTS workspaces (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, name TEXT, plan TEXT, card_last4 TEXT);
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, phone TEXT, password_hash TEXT,
  role TEXT NOT NULL DEFAULT 'member', workspace_id INTEGER REFERENCES workspaces(id), avatar TEXT);
CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, user_id INTEGER, created REAL);
CREATE TABLE IF NOT EXISTS resets (token TEXT PRIMARY KEY, user_id INTEGER, created REAL, used INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS invites (id INTEGER PRIMARY KEY, workspace_id INTEGER, email TEXT, role TEXT, token TEXT);
CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY, workspace_id INTEGER, title TEXT, done INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, workspace_id INTEGER, name TEXT, path TEXT, type TEXT);
CREATE TABLE IF NOT EXISTS payments (id INTEGER PRIMARY KEY, event TEXT, workspace_id INTEGER, amount INTEGER);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, recipient TEXT, subject TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS failed_jobs (id INTEGER PRIMARY KEY, name TEXT, error TEXT);
"""


def connect() -> sqlite3.Connection:
    Path(DATABASE).parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(DATABASE, timeout=10, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def get_db() -> Iterator[sqlite3.Connection]:
    db = connect()
    try:
        yield db
    finally:
        db.close()


def hash_password(password: str) -> str:
    salt = os.urandom(16)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 100_000)
    return f"pbkdf2_sha256$100000${salt.hex()}${digest.hex()}"


def check_password(password: str, stored: str) -> bool:
    _, rounds, salt, digest = stored.split("$")
    given = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), int(rounds))
    return given.hex() == digest


def create_all() -> None:
    db = connect()
    db.executescript(SCHEMA)
    if not db.execute("SELECT 1 FROM workspaces").fetchone():
        seed(db)
    db.close()


def seed(db: sqlite3.Connection) -> None:
    password = hash_password(os.getenv("OPSBOARD_SEED_PASSWORD", os.urandom(12).hex()))
    for number, (slug, name, plan) in enumerate([("north", "North Makers", "team"), ("south", "South Runners", "free")], 1):
        db.execute("INSERT INTO workspaces VALUES (?, ?, ?, ?, ?)", (number, slug, name, plan, "4242"))
    people = [
        ("alice@north.test", "Alice Berg", "admin", 1),
        ("dana@north.test", "Dana Cole", "manager", 1),
        ("bob@north.test", "Bob Fern", "member", 1),
        ("carol@south.test", "Carol Hale", "admin", 2),
        ("erin@south.test", "Erin Moss", "member", 2),
    ]
    for index, (email, name, role, workspace) in enumerate(people, 1):
        db.execute(
            "INSERT INTO users (email, name, phone, password_hash, role, workspace_id) VALUES (?, ?, ?, ?, ?, ?)",
            (email, name, f"+49 30 55501{index:02}", password, role, workspace),
        )
    for index in range(1, 25):
        workspace = 1 + index % 2
        db.execute("INSERT INTO tasks (workspace_id, title) VALUES (?, ?)", (workspace, f"Prepare meetup {index}"))
