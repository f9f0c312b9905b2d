"""The list of what is wrong with the unsafe Opsboard: faults.toml beside this file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault: ``target`` are patterns (fnmatch) of what a finding would name; ``seen`` how a person sees it."""

    id: str
    roadmap: tuple[str, ...]
    stage: str
    title: str
    target: tuple[str, ...]
    where: str
    seen: str


def faults(variant: str) -> tuple[Fault, ...]:
    """The faults planted in a variant: all of faults.toml in the unsafe one, none in the guarded one."""
    data = tomllib.loads((Path(__file__).parent / "faults.toml").read_text(encoding="utf-8"))
    rows = data["fault"] if variant == "unsafe" else []
    return tuple(
        Fault(
            row["id"],
            tuple(row["roadmap"]),
            row["stage"],
            row["title"],
            tuple(row["target"]),
            row["where"],
            row["seen"],
        )
        for row in rows
    )
