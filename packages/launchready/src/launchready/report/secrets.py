"""The result of ``launchready secrets``: places and kinds, never values."""

import json
from dataclasses import asdict

from launchready.model.secret import SecretSearch


def render_secrets(search: SecretSearch, form: str) -> str:
    """A search as ``terminal`` text or ``json``."""
    return _json(search) if form == "json" else _text(search)


def _json(search: SecretSearch) -> str:
    answer = {
        "schema": 1,
        "searched": search.files,
        "waived": search.waived,
        "left_out": list(search.left_out),
        "secrets": [asdict(one) for one in search.found],
    }
    return json.dumps(answer, indent=2) + "\n"


def _text(search: SecretSearch) -> str:
    lines = []
    for one in sorted(search.found, key=lambda one: (not one.real, not one.certain, one.file, one.line)):
        sure = "certain" if one.certain else "suspected" if one.real else "in a test or example"
        commit = f", commit {one.commit[:10]}" if one.commit else ""
        lines.append(f"  {sure:21} {one.file}:{one.line}  {one.what}, {one.length} characters{commit}")
    lines += [f"  not searched          {reason}" for reason in search.left_out]
    count = sum(one.certain for one in search.found)
    searched = f"{search.files:,} file{'' if search.files == 1 else 's'} searched"
    told = f"{count} secret{'' if count == 1 else 's'} found" if count else "no secret found for certain"
    doubtful = sum(one.real and not one.certain for one in search.found)
    if doubtful:
        told += f", {doubtful} for you to look at"
    elif not count:
        told = "no secret found"
    lines.append(f"{searched}, {told}{f', {search.waived} waived' if search.waived else ''}.")
    if count:
        lines.append(
            "Move each value into the environment of the server, and read it from there; one that was ever pushed needs a new key\n"
            "at its provider too: `launchready audit --check LR132 --offline` says for each kind what it opens and where it is changed.\n"
            "A false alarm? Waive it in launchready.toml: `launchready explain LR132`."
        )
    return "\n".join(lines) + "\n"
