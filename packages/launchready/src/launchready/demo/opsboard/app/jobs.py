"""Background jobs: a nightly digest and the import of members."""

import sqlite3

from app.logs import event


def run_job(name: str, job, db: sqlite3.Connection) -> None:
#> unsafe OB-85
    try:
        job(db)
    except Exception:
        pass
#> guarded
    try:
        job(db)
    except Exception as error:
        db.execute("INSERT INTO failed_jobs (name, error) VALUES (?, ?)", (name, type(error).__name__))
        event("job failed", job=name, error=type(error).__name__)
        raise
#> end


def digest(db: sqlite3.Connection) -> None:
    open_tasks = db.execute("SELECT count(*) FROM tasks WHERE done = 0").fetchone()[0]
    event("digest", open_tasks=open_tasks)
