"""Uploads that go past the app: what it signs is judged without a word to the storage, and used only where it leads to this machine."""

import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from launchready.ground.result import Harm, Proof
from launchready.model.words import Confidence
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.uploads.grants import granted

from tests.stages.files import JSON, SAFE, Part, careful, club, tried, uploads, without_place
from tests.stages.members import Asked, Body, Members, missing
from tests.support.web import Got, Reply, serve

SECRET = "-".join(("no", "bodys", "secret")).encode()
HOST = "files.storage.example"
Conditions = Callable[[str, str], list[Any]]


def form(key: str, conditions: list[Any], seconds: int, **fields: str) -> dict[str, Any]:
    """What a service of the kind of S3 takes by a form (Signature Version 4, "POST policy")."""
    now = datetime.now(UTC)
    until = (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"key": key, "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"), **fields}
    policy = b64encode(json.dumps({"expiration": until, "conditions": [{"bucket": "b"}, *conditions]}).encode())
    signed = hmac.new(SECRET, policy, hashlib.sha256).hexdigest()
    return {"url": f"https://{HOST}/", "fields": given | {"policy": policy.decode(), "x-amz-signature": signed}}


@dataclass
class Signs(Members):
    """``POST /api/avatars/sign`` answers members with what ``hands_out`` makes of the file's name, its type, and the member."""

    hands_out: Callable[[str, str, int], Any] = lambda name, kind, member: {}
    types: tuple[str, ...] = ()
    asked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()

        @self.route("POST", "/api/avatars/sign", "fileName", "contentType")
        def sign(asked: Asked) -> Body:
            name, kind = str(asked.body.get("fileName", "")), str(asked.body.get("contentType", ""))
            assert asked.member is not None
            if not name or "/" not in kind or (self.types and kind not in self.types):
                return Reply(415, json.dumps({"error": "which type? only PNG and JPEG"}), JSON)
            self.asked_for.append(name)
            return self.hands_out(name, kind, asked.member.id)


def own_key(name: str, kind: str, member: int) -> str:
    """A place that nobody else is given, whatever they ask for."""
    return f"avatars/{member}/{hashlib.sha256(f'{member}{name}'.encode()).hexdigest()[:20]}.{kind.rpartition('/')[2]}"


def bound(name: str, kind: str, member: int) -> dict[str, Any]:
    key = own_key(name, kind, member)
    conditions = [{"key": key}, {"Content-Type": kind}, ["content-length-range", 1, 1_000_000]]
    return form(key, conditions, 300, **{"Content-Type": kind})


def gaps(found: Proof) -> list[str]:
    return [gap.reason for harm, gap in found.gaps if harm is Harm.UPLOAD]


async def test_a_form_that_is_bound_in_all_is_no_alarm_and_nothing_is_sent() -> None:
    app = Signs(first=101, hands_out=bound, types=("image/png", "image/jpeg"))
    found = await tried(app)
    assert uploads(found) == {}
    assert app.asked_for
    assert gaps(found) == [
        f"files were not sent: {HOST} is not this machine, and what it does with them is a matter of its own rules"
    ]


async def test_a_form_that_says_nothing_of_the_file_is_an_alarm_for_each_thing() -> None:
    def loose(name: str, _kind: str, _member: int) -> dict[str, Any]:
        return form(f"avatars/{name}", [{"acl": "public-read"}], 7 * 86_400, acl="public-read")

    alarms = uploads(await tried(Signs(first=101, hands_out=loose)))
    sure = {key: alarm.confidence for key, alarm in alarms.items()}
    assert sure == {
        "signed kind": Confidence.PROVEN,
        "signed name": Confidence.PROVEN,
        "signed size": Confidence.PROVEN,
        "signed time": Confidence.PROVEN,
        "signed acl": Confidence.SUSPECTED,
    }
    assert "good for 7 days" in alarms["signed time"].title


ONE_THING: dict[str, Callable[[str, str, int], Any]] = {
    "signed kind": lambda n, k, m: form(own_key(n, k, m), [["content-length-range", 1, 10**6]], 300),
    "signed size": lambda n, k, m: form(own_key(n, k, m), [{"Content-Type": k}], 300),
    "signed time": lambda n, k, m: form(own_key(n, k, m), [{"Content-Type": k}, ["content-length-range", 1, 10**6]], 90_000),
    "signed name": lambda n, k, m: form(
        f"avatars/{m}/x", [["starts-with", "$key", "avatars/"], {"Content-Type": k}, ["content-length-range", 1, 10**6]], 300
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", list(ONE_THING))
async def test_one_thing_left_out_is_one_alarm(key: str) -> None:
    """Types are refused by the app: what is not signed is sent in place of it all the same."""
    app = Signs(first=101, hands_out=ONE_THING[key], types=("image/png", "image/jpeg"))
    assert set(uploads(await tried(app))) == {key}


async def test_an_address_for_a_put() -> None:
    def put(name: str, kind: str, member: int) -> dict[str, str]:
        asked = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=300&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&X-Amz-Signature=00"
        return {"uploadUrl": f"https://{HOST}/{own_key(name, kind, member)}?{asked}"}

    right = Signs(first=101, hands_out=put, types=("image/png", "image/jpeg"))
    assert uploads(await tried(right)) == {}
    # The same address for whatever type is asked for.
    assert set(uploads(await tried(Signs(first=101, hands_out=put)))) == {"signed kind"}


async def test_what_is_set_at_the_bucket_is_not_checked_and_said() -> None:
    def supabase(name: str, kind: str, member: int) -> dict[str, str]:
        now = int(datetime.now(UTC).timestamp())
        claims = urlsafe_b64encode(json.dumps({"iat": now, "exp": now + 600}).encode()).decode().rstrip("=")
        return {"signedUrl": f"https://{HOST}/storage/v1/object/upload/sign/b/{own_key(name, kind, member)}?token=e30.{claims}.x"}  # fmt: skip

    found = await tried(Signs(first=101, hands_out=supabase))
    assert uploads(found) == {}
    assert any("set at the storage" in reason for reason in gaps(found))


async def test_an_address_to_read_by_is_no_upload() -> None:
    app = club()

    @app.route("GET", "/api/files/download-url", "?key")
    def read(asked: Asked) -> Body:
        key = parse_qs(asked.got.query).get("key", ["a"])[0]
        return {"url": f"https://{HOST}/{key}?X-Amz-Expires=90000&X-Amz-SignedHeaders=host&X-Amz-Signature=00"}

    app.route("POST", "/api/tasks/assign-policy", "name")(lambda _asked: {"done": True})
    found = await tried(app)
    assert (uploads(found), gaps(found)) == ({}, [])


class Bucket:
    """A storage on this machine that takes whatever is put under a signature."""

    def __init__(self) -> None:
        self.kept: dict[str, Part] = {}

    def __call__(self, got: Got) -> Reply:
        if got.method != "PUT" or "X-Amz-Signature" not in got.query:
            return Reply(403)
        self.kept[unquote(got.path.lstrip("/"))] = Part(got.path, got.headers.get("content-type", ""), got.body)
        return Reply(200)


@pytest.mark.parametrize("right", [False, True])
async def test_a_storage_on_this_machine_is_sent_files_and_the_app_is_told(right: bool) -> None:
    bucket, files = Bucket(), dict[str, Part]()
    with serve(bucket) as at:

        def put(name: str, kind: str, member: int) -> dict[str, str]:
            asked = "X-Amz-Expires=300&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&X-Amz-Signature=00"
            key = own_key(name, kind, member)
            return {"uploadUrl": f"{at}/{key}?{asked}", "key": key}

        app = Signs(first=101, hands_out=put, types=("image/png", "image/jpeg") if right else ())

        @app.route("POST", "/api/avatars/confirm", "key")
        def confirm(asked: Asked) -> Body:
            part = bucket.kept.get(str(asked.body.get("key")))
            if part is None:
                return missing()
            part = Part(part.name, part.kind, without_place(part.content)) if right else part
            if right and careful(Part("a", part.kind, part.content)):
                return Reply(415, json.dumps({"error": "only PNG and JPEG"}), JSON)
            files[str(len(files))] = part
            return {"url": f"/pictures/{len(files) - 1}"}

        @app.route("GET", "/pictures/{key}", open=True)
        def picture(asked: Asked) -> Body:
            one = files.get(asked.ids["key"])
            return Reply(200, one.content, {"Content-Type": one.kind} | (SAFE if right else {})) if one else missing()

        alarms = uploads(await tried(app))
    assert bucket.kept
    assert ("script" in alarms) is not right
    assert ("signed kind" in alarms) is not right


@pytest.mark.parametrize(
    ("answer", "service", "key", "seconds", "sized"),
    [
        ("https://s.example/b/k.png?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Expires=60&X-Goog-SignedHeaders=host&X-Goog-Signature=0", "Google Cloud Storage", "b/k.png", 60.0, True),
        ("https://a.blob.example/c/k.png?sv=2022-11-02&sr=b&sp=cw&se=2999-01-01T00%3A00%3A00Z&sig=0", "Azure", "c/k.png", None, False),
        ("https://s.example/k.png?X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0", "S3", "k.png", 60.0, True),
    ],
)  # fmt: skip
def test_services_are_told_apart(answer: str, service: str, key: str, seconds: float | None, sized: bool) -> None:
    body = json.dumps({"data": {"uploadUrl": answer}}).encode()
    grant = granted(Exchange("POST", "", "/sign", 200, {"content-type": ("application/json",)}, body))
    assert grant is not None
    assert (grant.service, grant.key, grant.sized, grant.most) == (service, key, sized, None)
    assert seconds is None or grant.seconds == seconds
    # For reading alone, by what its field and its permissions say.
    other = json.dumps({"link": answer.replace("sp=cw", "sp=r")}).encode()
    seen = Exchange("GET", "", "/files/1", 200, {"content-type": ("application/json",)}, other)
    assert granted(seen, sure=False) is None


async def test_a_row_that_is_kept_for_each_address_is_removed_again() -> None:
    rows = dict[str, int]()

    def put(name: str, kind: str, member: int) -> dict[str, Any]:
        key = str(len(rows) + 501)
        rows[key] = member
        return {"id": int(key), **bound(name, kind, member)}

    app = Signs(first=101, hands_out=put, types=("image/png", "image/jpeg"))

    @app.route("DELETE", "/api/avatars/sign/{id}")
    def drop(asked: Asked) -> Body:
        assert asked.member is not None
        if rows.get(asked.ids["id"]) != asked.member.id:
            return missing()
        del rows[asked.ids["id"]]
        return Reply(204)

    await tried(app)
    assert app.asked_for
    assert rows == {}
