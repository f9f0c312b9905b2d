"""Mail. In development it stays in the outbox table."""

import sqlite3

from app.logs import event


def send(db: sqlite3.Connection, recipient: str, subject: str, body: str) -> None:
    db.execute("INSERT INTO outbox (recipient, subject, body) VALUES (?, ?, ?)", (recipient, subject, body))
#> unsafe OB-81
    event("mail sent", email=recipient, subject=subject, body=body)
#> guarded
    event("mail sent", subject=subject)
#> end
