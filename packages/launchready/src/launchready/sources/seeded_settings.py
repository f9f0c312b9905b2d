"""Accounts of which the settings of an app tell the name and the password, side by side: ``ADMIN_EMAIL`` and ``ADMIN_PASSWORD`` (CWE-798, CWE-1392).

Settings that stand in code have a value that counts wherever nothing else is set: ``os.getenv("ADMIN_PASSWORD", "…")``, a field of pydantic-settings,
``process.env.ADMIN_PASSWORD || "…"``. A file such as ``.env`` belongs to the copy at hand.
"""

import re
from collections.abc import Iterator

from launchready.sources.seeded_rows import Account

ENVIRONMENT = re.compile(
    r"(?:^|/)\.?env(?:[._-](?:local|dev|development|example|sample|dist|template|default|defaults))*$", re.I
)
# One that is a sample is in everybody's copy of the source; another may be this machine's alone.
SAMPLE = re.compile(r"example|sample|dist|template|default", re.I)
_NAME = r"(?P<name>[A-Za-z][A-Za-z0-9_]{2,50})"
_VALUE = r"[\"'`](?P<value>[^\"'`\s{}$<>]{3,80})[\"'`]"
_IN_CODE = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        rf"\b(?:getenv|get|config|env(?:\.str)?|str)\(\s*[\"']{_NAME}[\"']\s*,\s*(?:default\s*=\s*)?{_VALUE}",
        rf"\bprocess\.env\.{_NAME}\s*(?:\|\||\?\?)\s*{_VALUE}",
        rf"^[ \t]*(?:export\s+)?(?:const\s+)?{_NAME}\s*(?::\s*[\w\[\]|. ]{{1,30}})?=\s*(?:\w*Field\(\s*(?:default\s*=\s*)?)?{_VALUE}",
    )
)
_IN_FILE = re.compile(
    rf"^[ \t]*(?:export[ \t]+)?{_NAME}[ \t]*=[ \t]*[\"']?(?P<value>[^\"'\s{{}}$<>#]{{3,80}})[\"']?[ \t]*(?:#[^\n]*)?$",
    re.M,
)
_PASSWORD = re.compile(r"^(?P<stem>\w+?)_?(?:password|passwd|pass|pwd)$", re.I)
_LOGIN = re.compile(r"^(?P<stem>\w+?)_?(?:user_?name|user|e_?mail(?:_?address)?|login|name)$", re.I)
# What the app signs in to itself, and nobody to it.
_SERVICE = re.compile(
    r"(?:^|_)(?:db|database|sql|postgres\w*|pg|mysql|maria\w*|mssql|oracle|mongo\w*|redis|rabbit\w*|amqp|broker|celery|smtp|e?mail|imap|pop3?|elastic\w*|opensearch|neo4j|"
    r"minio|s3|aws|ftp|sftp|ssh|proxy|git\w*|jira|ldap\w*|grafana|clickhouse|cassandra|influx\w*|mqtt|docker|registry|cert\w*|keystore|vault|odoo|couch\w*|snowflake|bind|"
    r"flower|sentry|twilio|sms|api|host|app_?name|project)(?:_|$)",
    re.I,
)
_ABOVE = re.compile(r"admin|super_?user|root|owner", re.I)
_NO_RANK = re.compile(
    r"^(?:app|user|login|auth|basic_?auth|default|demo|test(?:_user)?|initial(?:_user)?|first(?:_user)?|web|site|dashboard|ui|account)$",
    re.I,
)


def settings_rows(text: str, *, code: bool) -> Iterator[Account]:
    """Login, password, role and place of each pair of settings: in ``code``, else in a file of settings alone."""
    found: dict[str, tuple[str, int]] = {}
    for pattern in _IN_CODE if code else (_IN_FILE,):
        for one in pattern.finditer(text):
            found.setdefault(one["name"].lower(), (one["value"], one.start()))
    logins = {_stem(_LOGIN, name): value for name, (value, _) in reversed(found.items()) if _stem(_LOGIN, name)}
    for name, (password, at) in found.items():
        stem = _stem(_PASSWORD, name)
        # `FIRST_SUPERUSER` beside `FIRST_SUPERUSER_PASSWORD` is the name itself.
        login = logins.get(stem) or found.get(stem, ("", 0))[0]
        if stem and login and not _SERVICE.search(stem):
            role = "admin" if _ABOVE.search(stem) else "" if _NO_RANK.match(stem) else stem
            yield Account(login, password, role, at)


def _stem(pattern: re.Pattern[str], name: str) -> str:
    found = pattern.match(name)
    return found["stem"].rstrip("_") if found else ""
