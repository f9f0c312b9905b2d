"""The engine that finds candidates: Kingfisher's rules and ours for every file, and one of ours for files of settings alone."""

from functools import cache
from pathlib import Path
from typing import Any

from launchready.sources.secrets.values import is_config

_RULES = Path(__file__).with_name("generic.yaml")
# Values without quotes: in a program nearly every line has one, and the engine would look at each, for nothing.
_PLAIN = Path(__file__).with_name("plain.yaml")
_SECONDS = 20.0


class NotScannedError(Exception):
    """A file could not be searched in time, or not at all: it must not pass for one that holds nothing."""


class Engine:
    """The rules, loaded. The first load on a machine compiles them (seconds); later ones read a cache."""

    def __init__(self) -> None:
        # Not before it is needed: most commands search nothing.
        import kingfisher_sdk

        every = kingfisher_sdk.Rules([_RULES], confidence="low")
        plain = kingfisher_sdk.Rules([_PLAIN], builtins=False, confidence="low")
        self._input: Any = kingfisher_sdk.ScanInput
        self._every: Any = kingfisher_sdk.DetectionScanner(every, base64=False, inline_ignores=False)
        self._plain: Any = kingfisher_sdk.DetectionScanner(plain, base64=False, inline_ignores=False)

    def find(self, path: str, content: bytes) -> list[Any]:
        """The candidates in a file, the last first. Raises :class:`NotScannedError`."""
        # The engine takes no name that is not UTF-8, and asks the path for little more than what kind of file it is.
        known = path if path.isascii() else path.encode("utf-8", "replace").decode()
        try:
            given = self._input(known, content)
            found: list[Any] = self._every.scan_input(given, timeout=_SECONDS)
            plain: list[Any] = self._plain.scan_input(given, timeout=_SECONDS) if is_config(path) else []
        except (RuntimeError, TimeoutError, ValueError) as error:
            raise NotScannedError(f"{path}: {error}") from error
        # Both begin with the last of the file.
        return sorted([*plain, *found], key=_start, reverse=True) if plain else found


@cache
def engine() -> Engine:
    """The engine of this process: who audits several folders in one loads the rules once."""
    return Engine()


def _start(native: Any) -> int:
    start: int = native.location["start_offset"]
    return start
