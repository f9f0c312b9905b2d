"""Addresses that must be confirmed: by a sink of ours, a folder, a file, a mail catcher, or a page of the app."""

import json
import smtplib
import socket
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.people import apps
from tests.support.people import gathered, reasons, serve_asgi
from tests.support.ports import free_port
from tests.support.web import Got, Reply, serve


def letter(address: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = address, "app@example.com", "Confirm your address"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message


@pytest.mark.parametrize("code", [False, True], ids=["link", "code"])
async def test_a_letter_that_comes_to_our_sink_is_followed(*, code: bool) -> None:
    port = free_port()

    def send(address: str, text: str) -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(letter(address, text))

    with serve_asgi(apps.mail_app(send, code=code)) as url:
        async with gathered(url, mail_sink=f"127.0.0.1:{port}") as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


def in_folder(place: Path) -> Callable[[str, str], None]:
    def send(address: str, text: str) -> None:
        place.mkdir(exist_ok=True)
        (place / f"{len(list(place.iterdir()))}.eml").write_bytes(bytes(letter(address, text)))

    return send


def in_file(place: Path) -> Callable[[str, str], None]:
    def send(address: str, text: str) -> None:
        with place.open("ab") as file:
            file.write(bytes(letter(address, text)) + b"\n" + b"-" * 79 + b"\n")

    return send


@pytest.mark.parametrize("way", [in_folder, in_file])
@pytest.mark.parametrize("code", [False, True], ids=["link", "code"])
async def test_an_outbox_on_disk_is_read(
    tmp_path: Path, way: Callable[[Path], Callable[[str, str], None]], *, code: bool
) -> None:
    with serve_asgi(apps.mail_app(way(tmp_path / "outbox"), code=code)) as url:
        async with gathered(url, root=tmp_path, outbox="outbox") as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


async def test_a_letter_with_a_link_that_is_no_address_is_read_on(tmp_path: Path) -> None:
    post = in_folder(tmp_path / "outbox")

    def send(address: str, text: str) -> None:
        post(address, f"http://[::1/verify?token=aaaaaaaaaaaaaaaaaaaaaaaa\n{text}")

    with serve_asgi(apps.mail_app(send)) as url:
        async with gathered(url, root=tmp_path, outbox="outbox") as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize("catcher", ["mailpit", "mailhog", "json"])
async def test_a_mail_catcher_is_asked(catcher: str) -> None:
    letters: list[tuple[str, str]] = []

    def caught(got: Got) -> Reply:
        listed: object = None
        if catcher == "mailpit" and got.path == "/api/v1/messages":
            listed = {"messages": [{"ID": str(n), "To": [{"Address": to}]} for n, (to, _) in enumerate(letters)][::-1]}
        elif catcher == "mailpit" and got.path.startswith("/api/v1/message/"):
            listed = {"Text": letters[int(got.path.split("/")[-1])][1]}
        elif catcher == "mailhog" and got.path == "/api/v2/messages":
            listed = {"items": [{"Raw": {"To": [to]}, "Content": {"Body": text}} for to, text in letters]}
        elif catcher == "json" and got.path == "/":
            listed = [{"to": to, "text": text} for to, text in letters]
        if listed is None:
            return Reply(404, "no")
        return Reply(200, json.dumps(listed), {"Content-Type": "application/json"})

    def send(address: str, text: str) -> None:
        letters.append((address, text))

    with serve(caught) as outbox, serve_asgi(apps.mail_app(send)) as url:
        async with gathered(url, outbox=outbox) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


async def test_an_outbox_of_the_app_itself_is_recognised() -> None:
    with serve_asgi(apps.mail_app(None, outbox=True)) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


async def test_without_mail_the_reason_is_the_confirmation() -> None:
    with serve_asgi(apps.mail_app(lambda address, text: None)) as url:
        async with gathered(url) as ground:
            assert ground.callers == []
            assert "asks for a confirmation by e-mail, and we cannot read the app's mail" in reasons(ground)
            assert "mail_sink" in reasons(ground)


async def test_a_sink_whose_port_is_taken_says_so() -> None:
    from launchready.probes.callers.mailbox import MailError

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with serve_asgi(apps.nested_app()) as url, pytest.raises(MailError, match="Choose a free port"):
            async with gathered(url, mail_sink=f"127.0.0.1:{taken.getsockname()[1]}"):
                pass
