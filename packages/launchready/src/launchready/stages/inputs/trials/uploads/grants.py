"""What an app hands out for an upload that goes past it: an address, or a form, that a storage service takes because the app signed it.

Read without a call: query of S3 (Signature Version 4 and 2), of Google Cloud Storage (V4) and of Azure (service SAS), policies of forms (S3 "POST
policy", Google "policy documents"), tokens of Supabase (RFC 7519). Signatures are never checked, only what they cover.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from launchready.ground.ground import Ground
from launchready.model.addresses import parts_of
from launchready.model.parsed import json_of, jwt_part
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

_SIGNS = re.compile(
    r"pre[-_]?sign|(?<!as)(?<!de)(?<!re)sign(?:ed)?[-_]?(?:upload[-_]?)?(?:url|put|upload|s3|policy)|upload[-_]?(?:url|link|policy|signature|credential|sign)|"
    r"s3[-_]?(?:url|sign|policy|upload|post)|direct[-_]?upload|(?:get|create)[-_]?upload[-_]?url",
    re.I,
)
_READS = re.compile(r"download|webhook|view|preview|sign[-_]?(?:in|up|out)(?![a-z])|verify|delete", re.I)
_UPLOADS = re.compile(r"upload|put|post|pre[-_]?sign", re.I)
_PLACES = re.compile(r"^(?:upload_?|signed_?|presigned_?|post_?)?(?:url|action|endpoint|host)$|upload_?url|signed_?url", re.I)  # fmt: skip
_FILE_NAMES = frozenset(("filename", "name", "key", "path", "objectname", "objectkey"))
_FILE_TYPES = frozenset(("contenttype", "mimetype", "filetype", "mime", "mediatype"))
_DURATION = re.compile(r"^\d{8}T\d{6}Z$")


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be sent, as far as the signature says: ``key`` names the object; ``prefix`` is what its name has to begin with where the
    sender chooses it, None where it is fixed. ``kind`` is what the type has to be, with a star where it has to begin so, empty where nothing is said.
    ``most`` is the largest size, None for none; ``sized`` whether the service lets a signature say so at all. ``seconds`` is how long it is good, None when that is
    not seen. ``form`` are the fields of a form, ``headers`` what has to go along with a ``PUT``."""

    service: str
    url: str
    method: str = "PUT"
    key: str = ""
    prefix: str | None = None
    kind: str = ""
    most: int | None = None
    sized: bool = True
    seconds: float | None = None
    acl: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def signs(ground: Ground, endpoint: Endpoint) -> bool:
    """Whether an endpoint hands out such a thing: by what it and its handler are called, or because it did when it was called."""
    if "#" in endpoint.path or endpoint.method not in ("GET", "POST", "PUT"):
        return False
    last = "/".join([part for part in endpoint.path.split("/") if part and "{" not in part][-2:])
    if _READS.search(last):
        return False
    if (
        _asks_about_a_file(endpoint)
        or _SIGNS.search(last)
        or (_SIGNS.search(endpoint.source.what) and not _READS.search(endpoint.source.what))
    ):
        return True
    given = [answer for (_, route), answer in ground.created.items() if route == endpoint.name]
    given += [answer for (_, path), answer in ground.answers.items() if endpoint.method == "GET" and path == endpoint.path]  # fmt: skip
    return any(granted(answer, sure=bool(_UPLOADS.search(last))) is not None for answer in given)


def _asks_about_a_file(endpoint: Endpoint) -> bool:
    """Whether it is about uploads, and asks how a file is called and of which type it is instead of taking one."""
    names = {re.sub(r"[^a-z]", "", one.name.rsplit(".", 1)[-1].lower()) for one in endpoint.inputs}
    taken = any(one.where == "file" for one in endpoint.inputs)
    return (
        not taken
        and Kind.UPLOAD in endpoint.kind
        and bool(names & _FILE_NAMES)
        and bool(names & _FILE_TYPES)
        and "{" not in endpoint.path
    )


def granted(answer: Exchange, *, sure: bool = True) -> Grant | None:
    """What an answer hands out. An address that may as well be for reading counts where the endpoint is known to be about uploads (``sure``), or the
    field that holds it says so."""
    said = parsed(answer)
    for table in _tables(said):
        if (form := _form(table)) is not None:
            return form
    for name, value in leaves(said) if isinstance(said, dict | list) else (("", said),):
        grant = _address(value) if isinstance(value, str) else None
        if grant is not None and (sure or _UPLOADS.search(name) or grant.service in ("Supabase", "Azure")):
            return _with_key(grant, said)
    return None


def of_form(url: str, fields: Mapping[str, str]) -> Grant:
    """A form and what its policy says. A policy that cannot be read says nothing."""
    lower = {name.lower(): value for name, value in fields.items()}
    policy = _json(lower.get("policy", ""))
    conditions = policy.get("conditions", []) if isinstance(policy, dict) else []
    known = {name: (how, value) for how, name, value in _conditions(conditions)}
    how, value = known.get("key", ("eq", lower.get("key", "")))
    kind_how, kind = known.get("content-type", ("eq", ""))
    size = next((one for one in conditions if isinstance(one, list) and len(one) == 3 and one[0] == "content-length-range"), None)  # fmt: skip
    until = _time(str(policy.get("expiration", ""))) if isinstance(policy, dict) else None
    since = _time(lower.get("x-amz-date", "") or lower.get("x-goog-date", "")) or datetime.now(UTC)
    acl = lower.get("acl", "") or known.get("acl", ("", ""))[1]
    return Grant(
        "Google Cloud Storage" if any(name.startswith("x-goog-") for name in lower) else "S3",
        url,
        "POST",
        lower.get("key", "") or value,
        value if how == "starts-with" else None,
        f"{kind}*" if kind_how == "starts-with" else kind,
        int(size[2]) if size is not None and str(size[2]).isdecimal() else None,
        True,
        (until - since).total_seconds() if until else None,
        acl,
        dict(fields),
    )


def _form(table: Mapping[str, Any]) -> Grant | None:
    url: str = next((v for n, v in table.items() if isinstance(v, str) and _PLACES.search(n) and v.startswith(("http", "/"))), "")  # fmt: skip
    inner = next((v for v in table.values() if isinstance(v, dict) and any(n.lower() == "policy" for n in v)), None)
    flat = table if any(n.lower() == "policy" and isinstance(v, str) for n, v in table.items()) else None
    fields: Mapping[str, Any] | None = inner or flat
    if not url or fields is None:
        return None
    return of_form(url, {str(n): str(v) for n, v in fields.items() if isinstance(v, str | int) and v != url})


def _address(url: str) -> Grant | None:
    if not url.startswith(("http://", "https://", "/")) or len(url) > 8000:
        return None
    parts = parts_of(url)
    asked = {name.lower(): value for name, value in parse_qsl(parts.query)}
    path = unquote(parts.path).lstrip("/")
    for mark, service in (("x-amz", "S3"), ("x-goog", "Google Cloud Storage")):
        if f"{mark}-signature" in asked:
            covered = asked.get(f"{mark}-signedheaders", "").lower().split(";")
            asked |= {name: "" for name in covered if name and name not in asked}
            lasts = asked.get(f"{mark}-expires", "")
            bound = "content-length" in covered or "x-goog-content-length-range" in covered
            return Grant(
                service, url, "PUT", path, None, "signed" if "content-type" in covered else "", 0 if bound else None,
                seconds=float(lasts) if lasts.isdecimal() else None, acl=asked.get(f"{mark}-acl", ""),
            )  # fmt: skip
    if "signature" in asked and "expires" in asked and {"awsaccesskeyid", "googleaccessid"} & asked.keys():
        until = asked["expires"]
        goes_on = float(until) - datetime.now(UTC).timestamp() if until.isdecimal() else None
        return Grant("S3" if "awsaccesskeyid" in asked else "Google Cloud Storage", url, key=path, seconds=goes_on)
    if "sig" in asked and set("wc") & set(asked.get("sp", "")):
        ends = _time(asked.get("se", ""))
        left = (ends - datetime.now(UTC)).total_seconds() if ends else None
        return Grant("Azure", url, key=path, sized=False, seconds=left, headers={"x-ms-blob-type": "BlockBlob"})
    if "/object/upload/sign/" in parts.path and "token" in asked:
        claims = _claims(asked["token"])
        since, ends_at = claims.get("iat"), claims.get("exp")
        lasts_for = float(ends_at - since) if isinstance(since, int) and isinstance(ends_at, int) else None
        key = unquote(parts.path.partition("/object/upload/sign/")[2])
        return Grant("Supabase", url, key=key, sized=False, seconds=lasts_for)
    if {"signature", "token", "sig", "expires"} & asked.keys() and re.search("upload|put|disk", parts.path, re.I):
        return Grant("own", url, key=path, sized=False)
    return None


def _with_key(grant: Grant, said: Any) -> Grant:
    """The grant with the headers that the answer says have to go along."""
    given = next((v for t in _tables(said) for n, v in t.items() if n.lower().endswith("headers") and isinstance(v, dict)), {})  # fmt: skip
    headers = {str(n): str(v) for n, v in given.items()}
    return Grant(
        grant.service, grant.url, grant.method, grant.key, grant.prefix, grant.kind, grant.most, grant.sized, grant.seconds,
        grant.acl or next((v for n, v in headers.items() if n.lower().endswith("-acl")), ""), {}, {**grant.headers, **headers},
    )  # fmt: skip


def _conditions(conditions: Any) -> Iterator[tuple[str, str, str]]:
    """The conditions of a policy: how (``eq`` or ``starts-with``), on which field, and what."""
    for one in conditions if isinstance(conditions, list) else ():
        if isinstance(one, dict):
            yield from (("eq", str(name).lower(), str(value)) for name, value in one.items())
        elif isinstance(one, list) and len(one) == 3 and str(one[0]).lower() in ("eq", "starts-with"):
            yield str(one[0]).lower(), str(one[1]).lstrip("$").lower(), str(one[2])


def _tables(said: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(said, dict):
        yield said
    inner = list(said.values()) if isinstance(said, dict) else said if isinstance(said, list) else []
    for one in inner if depth < 4 else ():
        yield from _tables(one, depth + 1)


def _json(text: str) -> Any:
    try:
        return json_of(b64decode(text))
    except ValueError:
        return None


def _claims(token: str) -> Mapping[str, Any]:
    return jwt_part(token, 1) if token.count(".") == 2 else {}


def _time(text: str) -> datetime | None:
    text = f"{text[:4]}-{text[4:6]}-{text[6:11]}:{text[11:13]}:{text[13:]}" if _DURATION.match(text) else text
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
