"""What reaches a log: never a secret, wherever in the record it stands, and everything else as it was."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launchready_guard.logs import RedactingFilter, processor, protect

SECRET = "hunter2-hunter2-hunter2"


class _Json(logging.Formatter):
    """As apps log for machines: extras beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        known = logging.LogRecord("", 0, "", 0, "", (), None).__dict__
        extra = {name: value for name, value in record.__dict__.items() if name not in known}
        return json.dumps({"said": super().format(record), "extra": extra}, default=str)


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, stream = logging.getLogger("tests.guard.logs"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json())
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    protect(logger, fields=["iban"])
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("message", "args", "extra"),
    [
        (f"password={SECRET}", (), {}),
        ("sign-in %s", (f"password={SECRET}",), {}),
        ("sign-in %(given)s", ({"given": f"token={SECRET}"},), {}),
        ("sign-in %s", ({"user": "ann", "password": SECRET},), {}),
        ("sign-in", (), {"password": SECRET}),
        ("sign-in", (), {"headers": {"Authorization": SECRET, "Accept": "text/html"}}),
        ("sign-in", (), {"given": [{"api_key": SECRET}]}),
        ("paid", (), {"IBAN": SECRET}),
    ],
)
def test_a_secret_is_masked_wherever_it_stands(
    log: tuple[logging.Logger, io.StringIO], message: str, args: tuple[Any, ...], extra: dict[str, Any]
) -> None:
    logger, stream = log
    logger.info(message, *args, extra=extra)
    assert SECRET not in stream.getvalue() and "***" in stream.getvalue()


def test_a_format_that_does_not_fit_breaks_no_log(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.info("wrong %d", f"secret: {SECRET}")
    assert SECRET not in stream.getvalue() and "wrong %d" in stream.getvalue()


def test_tracebacks_too(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        raise ValueError(f"cannot connect to postgres://app:{SECRET}@db/app")
    except ValueError:
        logger.exception("no database")
    assert SECRET not in stream.getvalue()
    assert "Traceback" in stream.getvalue() and "ValueError" in stream.getvalue()


def test_what_is_no_secret_stays_as_it_was(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.info("GET %s %d", "/members/41", 200, extra={"ms": 12, "user": "ann", "ok": True, "none": None})
    said = json.loads(stream.getvalue())
    assert said == {"said": "GET /members/41 200", "extra": {"ms": 12, "user": "ann", "ok": True, "none": None}}


def test_the_policy_names_more_fields(tmp_path: Path) -> None:
    written = tmp_path / "policy.toml"
    written.write_text('[roles]\norder = ["guest"]\n\n[redact]\nfields = ["salary"]\n')
    logger, stream = logging.getLogger("tests.guard.logs.policy"), io.StringIO()
    logger.addHandler(handler := logging.StreamHandler(stream))
    handler.setFormatter(_Json())
    protect(logger, policy=written)
    logger.warning("paid", extra={"salary": 41000, "days": 20})
    assert json.loads(stream.getvalue())["extra"] == {"salary": "***", "days": 20}
    assert processor(policy=written)(None, "info", {"event": "paid", "salary": "41000"})["salary"] == "***"


def test_it_stands_on_a_handler_once(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, _ = log
    protect(logger)
    assert sum(isinstance(one, RedactingFilter) for one in logger.handlers[0].filters) == 1


def test_structlog_events_are_masked_by_name_and_by_shape() -> None:
    event = {
        "event": f"sent token={SECRET}",
        "user": "ann",
        "session_id": SECRET,
        "body": {"card": "4242 4242 4242 4242"},
        "n": 3,
    }
    masked = processor()(None, "info", event)
    assert SECRET not in str(masked) and "4242 4242" not in str(masked)
    assert masked["user"] == "ann" and masked["n"] == 3
    assert processor(emails=True)(None, "info", {"event": "to ann@example.com"})["event"] == "to ***"
