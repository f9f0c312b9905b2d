"""Files on the wire: servers read what was meant, and the shell line of a finding sends it again."""

import asyncio
import io
import shutil

import pytest
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.probes.multipart import File, encode
from werkzeug.formparser import parse_form_data

from tests.stages.files import parts
from tests.support.web import Got, Reply, serve

FILES = (
    File("a.svg", b"<svg onload=\"a;b\">\\ 'x'</svg>", "image/svg+xml"),
    File("../../up.png", b"text", "image/png"),
    File('two "words".txt', "päge;\r\nline\n".encode(), "text/plain"),
    File("nothing.txt", b"", "text/plain"),
    File("zero\0.png", b"\x89PNG\r\n\x1a\n\xff\0", "image/png"),
)


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_server_reads_what_was_sent(number: int) -> None:
    body, kind = encode({"title": 'a "b"\r\nc'}, [("file", FILES[number])])
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    _, form, files = parse_form_data(environ)
    assert form["title"] == 'a "b"\r\nc'
    assert files["file"].read() == FILES[number].content
    assert files["file"].filename == FILES[number].name
    assert files["file"].mimetype == FILES[number].media_type


def test_a_text_without_a_name_is_a_plain_field() -> None:
    body, kind = encode({}, [("file", File(None, b"launch"))])
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    _, form, files = parse_form_data(environ)
    assert (form["file"], len(files)) == ("launch", 0)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
async def test_the_shell_line_of_a_finding_sends_the_same() -> None:
    received: list[Got] = []

    def answer(got: Got) -> Reply:
        received.append(got)
        return Reply(200, "{}")

    sent = FILES[:4]
    with serve(answer) as url:
        async with Site.open(url) as site:
            for file in sent:
                body, kind = encode({"title": "a;b"}, [("file", file)])
                exchange: Exchange = await site.send(
                    "POST", "/up", body=body, headers={"Content-Type": kind, "X-Own": "1"}
                )
                shell = await asyncio.create_subprocess_shell(
                    exchange.curl(), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
                )
                assert await shell.wait() == 0
    assert len(received) == 2 * len(sent)
    for first, second in zip(received[::2], received[1::2], strict=True):
        assert parts(second)["file"] == parts(first)["file"]
        assert parts(second)["title"] == parts(first)["title"]
        assert second.headers["x-own"] == "1"


def test_what_cannot_stand_in_a_shell_line_is_a_file_of_ones_own() -> None:
    body, kind = encode({}, [("file", FILES[4])])
    line = Exchange("POST", "http://127.0.0.1/up", "/up", sent_headers={"Content-Type": kind}, sent_body=body).curl()
    assert "file=@FILE" in line
    assert "boundary" not in line
