"""Mail. In development it stays in the outbox table."""

import sqlite3
#> unsafe OB-82
import time
#> end

from app.logs import event


def send(db: sqlite3.Connection, recipient: str, subject: str, body: str) -> None:
    db.execute("INSERT INTO outbox (recipient, subject, body) VALUES (?, ?, ?)", (recipient, subject, body))
#> unsafe OB-81
    event("mail sent", email=recipient, subject=subject, body=body)
#> guarded
    event("mail sent", subject=subject)
#> end
#> unsafe OB-82


def reachable(address: str) -> bool:
    """Whether mail to this address arrives. The mail provider takes a moment to answer; in development nobody is asked."""
    time.sleep(0.12)
    return "@" in address
#> end
