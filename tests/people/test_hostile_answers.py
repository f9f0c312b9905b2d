"""Whatever an app answers, reading it ends, and without an error of ours."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from launchready.model.surface import Input
from launchready.probes.callers.bodies import mend
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import follow
from launchready.probes.callers.tokens import ends, parsed
from launchready.probes.callers.values import value_for
from launchready.probes.http import Site

from tests.people.hostile_answers import READERS, SEEDS, SOMEONE, answer, broken
from tests.support.raw import serve_bytes
from tests.support.web import Reply, serve

# As many as the profile says where it explores, fewer in every run of the tests.
_EXAMPLES = settings().max_examples if settings().max_examples > 1000 else 60
_ANSWERS = st.one_of(
    st.binary(max_size=400),
    st.sampled_from(SEEDS),
    st.integers(0, 2**32).map(lambda seed: broken(random.Random(seed))),
)


@pytest.mark.parametrize("reader", READERS)
@settings(
    max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(body=_ANSWERS)
@example(body=b"[" * 100_000)
@example(body=b'{"a":' * 100_000)
@example(body=b"&#" + b"9" * 5000)
@example(body="\u00b2".encode())
def test_a_reader_takes_any_bytes(reader: str, body: bytes) -> None:
    READERS[reader](body)


@pytest.mark.parametrize(
    "said",
    [
        "name must be at least 99999999999 characters",
        "name must be at least 12345678901234567890 characters",
        "name: 99999999999 digits",
    ],
)
def test_a_length_that_nobody_can_send_is_not_made(said: str) -> None:
    mended = mend({"name": "Launch"}, answer(f'{{"name": ["{said}"]}}'.encode(), 422), SOMEONE)
    assert mended is None or len(str(mended["name"])) < 20_000


@pytest.mark.parametrize("size", [float("inf"), float("-inf"), float("nan"), 1e300, -5.0])
@pytest.mark.parametrize("kind", ["string", "integer"])
def test_bounds_that_make_no_sense_are_left_aside(size: float, kind: str) -> None:
    assert len(str(value_for(Input("title", "body", kind, True, (), size, size), SOMEONE))) <= 20_000


def test_digits_that_are_no_numbers_are_no_time() -> None:
    assert ends("x", answer('{"expires_in": "\u00b2"}'.encode())) == 0.0
    assert ends("x", answer(b'{"expires_in": "3600"}')) > 0


def test_a_pattern_of_the_app_does_not_keep_us_busy() -> None:
    # Forty letters and one that does not fit would take this pattern for years.
    given = Input("title", "body", "string", True, (), 48, None, r"^([a-zA-Z ]+)*!$")
    assert value_for(given, SOMEONE)


_HOSTILE = (
    b"",
    b"\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"HTTP/1.1 200\r\n\r\n",
    b"HTTP/1.1 999999 What\r\n\r\n",
    b"HTTP/1.1 -1 What\r\n\r\n",
    b"HTTP/9.9 200 OK\r\nContent-Length: -5\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff\xfe=\x01; Path=\x02\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\xff\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\xff\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: //\xed\xa0\x80\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: \xc2\xb2\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: " + b"9" * 400 + b"\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
)


@pytest.mark.parametrize("number", range(len(_HOSTILE)))
async def test_a_server_that_speaks_no_http_is_an_answer_too(number: int) -> None:
    async with serve_bytes(_HOSTILE[number]) as url, Site.open(url, seconds=2.0) as site:
        caller = Caller("ann", site)
        for method in ("GET", "POST"):
            exchange = await caller.send(method, "/notes", json={"a": 1} if method == "POST" else None)
            assert exchange.status or exchange.error
            parsed(exchange), exchange.evidence("what came back"), exchange.curl(), exchange.other_slash
            site.elsewhere(exchange.header("location")), site.inside(exchange.header("location"))


@pytest.mark.parametrize("location", ["http://[::1/notes", "//[", "http://127.0.0.1:99999/"])
async def test_a_redirect_to_what_is_no_address_leads_nowhere(location: str) -> None:
    with serve(lambda got: Reply(302, "", {"Location": location})) as url:
        async with Site.open(url) as site:
            sent_on = await site.send("GET", "/")
            assert (await follow(Caller("guest", site), sent_on)).status == 302
            assert site.inside(location) is None and site.elsewhere(location)
