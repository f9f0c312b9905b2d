"""What an error answer shows of the inside of the app (CWE-209)."""

import re

from launchready.probes.exchange import Exchange

_LEAKS = (
    (
        "a stack trace",
        re.compile(
            r"Traceback \(most recent call last\)|\bat [\w.$<>]+ \((?:/|[A-Z]:\\|file:|node:)[^)\n]+:\d+:\d+\)|^\s+File \"[^\"]+\", line \d+",
            re.M,
        ),
    ),
    (
        "the debugger of the framework",
        re.compile(
            r"Werkzeug Debugger|__debugger__|DEBUG = True|Starlette Debugger|<title>[^<]*(?:Whoops|Ignition)", re.I
        ),
    ),
    (
        "the text of a database error",
        re.compile(
            r"sqlite3\.\w+Error|psycopg2?\.|SQLSTATE\[|ORA-\d{5}|SequelizeDatabaseError|PrismaClient\w*Error|You have an error in your SQL syntax|"
            r"unrecognized token: |invalid byte sequence for encoding|out of range for type (?:integer|bigint)|SQLITE_(?:ERROR|CONSTRAINT|MISMATCH)",
            re.I,
        ),
    ),
    (
        "the paths of the server",
        re.compile(r"(?:/(?:home|usr|var|app|srv|opt|root)/[\w.-]+){1,6}/[\w.-]+\.(?:py|js|ts|rb|php)\b"),
    ),
)


def leaks(exchange: Exchange) -> list[str]:
    """What an error shows, in words, the most telling first; nothing for an answer that is no error."""
    if exchange.status < 400:
        return []
    # A field of GraphQL tells its trace beside the error, in what only the answer as it came has.
    text = exchange.text if exchange.wire is None else exchange.wire.text
    return [what for what, pattern in _LEAKS if pattern.search(text)]
