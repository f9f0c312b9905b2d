"""Keeps secrets and personal data out of logs: a filter for :mod:`logging`, a processor for structlog, one redactor for both.

OWASP Logging Cheat Sheet, "Data to exclude"; CWE-532. Masks in messages, their arguments, extras, tracebacks and stack traces.
"""

import logging
import re
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from launchready_guard.policy import Policy
from launchready_guard.redact import mask, redact
from launchready_guard.start import loaded

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}
_SECRET = re.compile(
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|authorization|cookie|session|sid|csrf|credential|otp|pin",
    re.I,
)
_DEEPEST = 8


class Redactor:
    """Masks values in texts and tables. ``fields`` are names whose values never appear, beside those that say so themselves; ``emails`` masks
    e-mail addresses too."""

    def __init__(self, fields: Iterable[str] = (), *, emails: bool = False) -> None:
        self._fields = frozenset(name.lower() for name in fields)
        self._emails = emails

    def text(self, text: str) -> str:
        """A text with what is secret in it masked."""
        return redact(text, emails=self._emails)

    def value(self, name: str, value: Any, depth: int = 0) -> Any:
        """A value by its name. Tables and lists are copied, everything else that is no number becomes text when something in it is masked."""
        if value is None or (isinstance(value, bool | int | float) and not self._secret(name)):
            return value
        if self._secret(name) and not isinstance(value, Mapping | list | tuple):
            return mask(str(value))
        if depth > _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {key: self.value(str(key), inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(name, inner, depth + 1) for inner in value]
        said = str(value)
        masked = self.text(said)
        return value if masked == said else masked

    def _secret(self, name: str) -> bool:
        small = name.lower()
        return small in self._fields or any(_SECRET.fullmatch(part) for part in (small, *re.split(r"[^a-z]+", small)))


class RedactingFilter(logging.Filter):
    """A filter for handlers: ``handler.addFilter(RedactingFilter())``. On a handler, since a logger's filter never sees the records of its children."""

    def __init__(self, fields: Iterable[str] = (), *, emails: bool = False) -> None:
        super().__init__()
        self._redactor = Redactor(fields, emails=emails)
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place, for this handler and those after it; it is always let on."""
        redactor = self._redactor
        if isinstance(record.args, Mapping):
            record.args = redactor.value("", record.args)
        elif record.args:
            record.args = tuple(redactor.value("", one) for one in record.args)
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError) as error:
            # A format that does not fit its arguments is logged by nobody else either.
            said = f"{record.msg} ({type(error).__name__}: {error})"
        record.msg, record.args = redactor.text(said), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redactor.text(record.exc_text)
        if record.stack_info:
            record.stack_info = redactor.text(record.stack_info)
        for name in record.__dict__.keys() - _STANDARD:
            record.__dict__[name] = redactor.value(name, record.__dict__[name])
        return True


def protect(
    logger: logging.Logger | None = None,
    fields: Iterable[str] = (),
    *,
    emails: bool = False,
    policy: str | Path | Policy | None = None,
) -> None:
    """Put the filter on every handler that a logger has now; the root logger's without one. ``policy`` names more fields, by its ``[redact]``.

    Raises :class:`~launchready_guard.policy.PolicyError` for a policy that cannot be read.
    """
    wanted = RedactingFilter(_named(fields, policy), emails=emails)
    for handler in (logger or logging.getLogger()).handlers:
        if not any(isinstance(known, RedactingFilter) for known in handler.filters):
            handler.addFilter(wanted)


def processor(fields: Iterable[str] = (), *, emails: bool = False, policy: str | Path | Policy | None = None) -> Any:
    """A structlog processor: put it last before the renderer, after what formats exceptions. ``policy`` and what it raises are as in :func:`protect`."""
    redactor = Redactor(_named(fields, policy), emails=emails)

    def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name in event:
            event[name] = redactor.value("" if name == "event" else name, event[name])
        return event

    return mask_event


def _named(fields: Iterable[str], policy: str | Path | Policy | None) -> tuple[str, ...]:
    return (*fields, *(loaded(policy).redact if policy is not None else ()))
