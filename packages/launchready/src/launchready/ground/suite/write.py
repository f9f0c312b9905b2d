"""Puts the suite together: what the tests need, where it comes from, and the files as text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from launchready.core.check import NotCheckedError
from launchready.ground.evidence import Evidence
from launchready.ground.ground import Ground
from launchready.ground.seen import Seen, alone
from launchready.ground.signing import Signing, has_form_token, places_of, sent_fields, signing_of
from launchready.ground.suite.case import Case, literal, slug
from launchready.ground.suite.fields import fields_used
from launchready.ground.suite.learned import Learner, text_of
from launchready.ground.suite.setting import Setting
from launchready.model.check import Gap
from launchready.model.finding import Finding
from launchready.model.project import Identity
from launchready.model.proof import EmittedTest
from launchready.probes.actions import BASE
from launchready.probes.callers.authjs import AUTHJS
from launchready.probes.callers.basic import name_and_password
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed

_ROLE = re.compile(r"^(?:role|user_?role|user_?type|is_?admin|is_?staff|is_?superuser|admin)$", re.I)
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")


@dataclass(frozen=True, slots=True)
class Suite:
    """What one stage writes: its ``title``, the ``command`` that wrote it, what each of its test files holds, and the tests.

    ``requests`` says that they send valid requests with something out of place.
    """

    title: str
    command: str
    files: Mapping[str, str]
    cases: tuple[Case, ...]
    requests: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What the README tells besides: of which ``project``, what a person calls the ``folder``, the ``alarms`` of the run, and what it did not ask."""

    project: str
    folder: str
    alarms: tuple[Finding, ...]
    not_checked: tuple[Gap, ...]


def setting_of(evidence: Evidence, strangers: Mapping[str, Finding]) -> Setting:
    """What the tests of a run share. Raises NotCheckedError when the run called nothing that a test could call again."""
    ground = evidence.ground
    if ground is None:
        raise NotCheckedError("nothing was called, so there is nothing to test", "a run that calls the app")
    ups = (signed[2].path for signed in ground.accounts.signups.values())
    if AUTHJS in ground.accounts.first or any(path.startswith(BASE) for path in ups):
        why = "people sign up by a server action, or in by Auth.js, which a suite of tests cannot do yet"
        raise NotCheckedError(why, "")
    return Setting(ground, evidence, bool(_made(ground)) and ground.writes and ground.victim is not None, strangers)


def emit(suite: Suite, about: About, setting: Setting) -> tuple[dict[str, str], tuple[EmittedTest, ...]]:
    """The files of the suite by name, and its tests."""
    cases = _once(suite.cases)
    tests = tuple(
        EmittedTest(f"{case.file}::test_{case.name}", case.route, case.fails, case.undecided) for case in cases
    )
    files = [(name, what) for name, what in suite.files.items() if any(case.file == name for case in cases)]
    given = _told_of_suite(suite, about, tests, files, bool(setting.ground.guest.site.graphs))
    given |= _told_of_people(setting)
    given |= _told_of_records(setting, cases)
    given |= _told_of_helpers(setting, cases, given)
    names = ["conftest.py", "people.py", "records.py", "rules.py", "README.md"]
    names += ["graph.py"] if given["fields"] else []
    names += ["requests.py"] if suite.requests else []
    names += ["tokens.py"] if given["tokens"] else []
    written = {"__init__.py": "", **{name: _rendered(f"{name}.j2", given) for name in names}}
    for name, what in files:
        written[name] = _test_file(what, [case for case in cases if case.file == name], written)
    return written, tests


def _told_of_suite(
    suite: Suite,
    about: About,
    tests: Sequence[EmittedTest],
    files: Sequence[tuple[str, str]],
    graphs: bool,
) -> dict[str, Any]:
    """What the README says of the suite."""
    known = {title for test in tests for title in (test.fails, test.undecided)}
    return {
        "project": about.project,
        "title": suite.title,
        "command": suite.command,
        "folder": about.folder,
        "tests": tests,
        "undecided": any(test.undecided for test in tests),
        "gaps": about.not_checked,
        "without": [one for one in about.alarms if one.title not in known and not one.waived_by],
        "files": [
            ("conftest.py", "who calls: the identities, as fixtures"),
            ("people.py", "how people sign up and in"),
            ("records.py", "the records that are asked for, made or looked up when the tests run"),
            ("rules.py", "what the tests mean by refused, kept and unchanged"),
            *((("graph.py", "the operations of GraphQL behind addresses with a `#`"),) if graphs else ()),
            *((("requests.py", "how a valid request is sent with one thing out of place"),) if suite.requests else ()),
            *files,
        ],
    }


def _told_of_people(setting: Setting) -> dict[str, Any]:
    """Who calls, and how they sign up and in."""
    ground = setting.ground
    made = _made(ground)
    people = [_person(setting, caller, setting.evidence.identities) for caller in ground.callers]
    how = next((s for c in (*made, *ground.callers) if (s := signing_of(ground, c)) is not None), None)
    subject = made[0] if made else next(iter(ground.callers), ground.guest)
    signs_up = made and ground.writes and how is not None and how.sign_up
    return {
        "variables": [(name, f"signs {person['fixture']} in") for person in people if (name := person["variable"])],
        "people": people,
        "identities": any(person["variable"] for person in people),
        "accounts": setting.accounts,
        "door": literal(_door(setting)),
        "csrf": dict(how.csrf) if how else {},
        "place": _place(setting),
        "sign_up": _sign_up(subject, how) if how and signs_up else [],
        "sign_in": _sign_in(subject, how) if how else [],
        "role": _role(setting),
    }


def _told_of_records(setting: Setting, cases: Sequence[Case]) -> dict[str, Any]:
    """What is asked for; after the people, from whose sign-up more is learned."""
    learner = setting.learner
    apart = any("need_two_workspaces(" in line for case in cases for line in case.lines)
    return {
        "records": [learner.records[name] for name in _order(learner)],
        "apart": setting.workspace() if apart else "",
        "lists": any(record.seen for record in learner.records.values()),
        "makes": any(record.made for record in learner.records.values()),
    }


def _told_of_helpers(setting: Setting, cases: Sequence[Case], given: Mapping[str, Any]) -> dict[str, Any]:
    """What all these lines call."""
    lines = [line for case in cases for line in case.lines]
    learned = [line for record in setting.learner.records.values() for line in record.lines]
    signing = (*given["sign_up"], *given["sign_in"])
    used = " ".join((*lines, *learned, *signing, *given["role"], given["door"]))
    fields = fields_used(setting.ground.guest.site.graphs, used)
    return {
        "tokens": any("token" in case.needs for case in cases) or any("(token" in line for line in lines),
        "fields": fields,
        "by_argument": any(field["token"] for field in fields),
        "beside": ".beside(" in used,
        "form_pages": _form_pages(setting),
    }


def _form_pages(setting: Setting) -> list[str]:
    """Pages with forms that hide a CSRF token, to be looked at for it where the address of a form has no page; none where no form hid one."""
    ground = setting.ground
    signed = [*(sent for _, _, sent in ground.accounts.signups.values()), *ground.accounts.logins.values()]
    tried = [attempt.exchange for attempt in ground.tried.values()]
    if not any(has_form_token(sent) for sent in (*signed, *ground.created.values(), *tried)):
        return []
    base = ground.guest.site.origin + ground.guest.site.base
    shown = [sent.sent_headers.get("Referer", "").removeprefix(base).split("?")[0] for sent in signed]
    return list(dict.fromkeys((*(page for page in shown if page.startswith("/")), _door(setting), "/")))


def _place(setting: Setting) -> dict[str, Any]:
    """What names the workspace a call is about, in a header or the query, and the function that tells somebody's; empty where there is none."""
    name = next((name for caller in setting.ground.callers for name in caller.place), "")
    function = setting.workspace(listed=True) if name else None
    found = {"name": literal(name.removeprefix("?")), "query": name.startswith("?"), "function": function}
    return found if function else {}


def _made(ground: Ground) -> list[Caller]:
    """Those who signed up for the run."""
    everybody = (*ground.callers, *filter(None, [ground.victim]))
    return [caller for caller in everybody if caller.name in ground.accounts.signups]


def _rendered(template: str, given: Mapping[str, Any]) -> str:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    # Not HTML: these are Python files, and every text of the app goes through case.literal or case.docstring.
    environment = jinja2.Environment(
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    text = environment.get_template(template).render(given)
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


def _test_file(what: str, cases: Sequence[Case], files: Mapping[str, str]) -> str:
    body = "\n\n".join(case.text() for case in cases)
    used = {name for case in cases for line in (*case.lines, *case.marks) for name in _NAME.findall(line)}
    imports = []
    for module in ("people", "records", "requests", "rules", "tokens"):
        defined = re.findall(r"^(?:def|class) (\w+)|^([A-Z]+) =", files.get(f"{module}.py", ""), re.M)
        names = sorted({one or other for one, other in defined} & used, key=lambda name: (not name.isupper(), name))
        if names:
            imports.append(_import(module, names))
    plain = [f"import {name}" for name in ("secrets",) if f"{name}." in body]
    third = ["import pytest"] if "pytest." in body else []
    head = "\n\n".join(
        "\n".join(part) for part in (["from __future__ import annotations"], plain, third, imports) if part
    )
    return f'"""{what}"""\n\n{head}\n\n\n{body}'


def _import(module: str, names: Sequence[str]) -> str:
    line = f"from .{module} import {', '.join(names)}"
    if len(line) <= 88:
        return line
    return f"from .{module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _once(cases: Iterable[Case]) -> list[Case]:
    """Every test name once in a file."""
    found: dict[tuple[str, str], Case] = {}
    for case in cases:
        found.setdefault((case.file, case.name), case)
    return list(found.values())


def _order(learner: Learner) -> list[str]:
    """Functions before those that use them."""
    found: list[str] = []

    def add(name: str) -> None:
        if name in found:
            return
        for other in learner.records:
            if other != name and any(f"{other}(" in line for line in learner.records[name].lines):
                add(other)
        found.append(name)

    for name in sorted(learner.records):
        add(name)
    return found


def _door(setting: Setting) -> str:
    paths = setting.ground.accounts.doors.paths
    for caller in setting.ground.callers:
        for path in paths:
            answer = setting.ground.answers.get((caller.name, path))
            if answer is not None and alone(answer) is Seen.ALLOWED:
                return path
    return paths[0] if paths else "/"


def _sign_up(caller: Caller, how: Signing) -> list[str]:
    assert how.sign_up is not None
    return [f"who.signed_up = {_sent(caller, how.sign_up, more=True)}"]


def _sign_in(caller: Caller, how: Signing) -> list[str]:
    assert how.sign_in is not None
    answer = "who.signed_up"
    lines = []
    if how.sign_in is not how.sign_up:
        answer = "answer"
        lines = [
            f"answer = {_sent(caller, how.sign_in)}",
            'assert answer.status_code < 400, f"could not sign in: {told(answer)}"',
        ]
    if how.header:
        first = str(how.place[0])
        taken = (
            f"{answer}.headers[{literal(first.partition(':')[2])}].split()[-1]"
            if first.startswith("header:")
            else f"picked({answer}, {', '.join(literal(part) for part in how.place)})"
        )
        before = how.pattern.partition("{}")[0]
        lines.append(f"who.headers[{literal(how.header)}] = " + (f"{literal(before)} + {taken}" if before else taken))
    return lines or ["# The answer to the sign-up brought the session."]


def _sent(caller: Caller, exchange: Any, more: bool = False) -> str:
    fields, form = sent_fields(exchange)
    body = _body(fields, caller, more)
    method = (
        f"who.{exchange.method.lower()}"
        if exchange.method in ("POST", "PUT", "PATCH")
        else f"who.request({literal(exchange.method)}"
    )
    start = f"{method}(" if "(" not in method else f"{method}, "
    if (pair := name_and_password(exchange)) is not None:
        who = ", ".join(text_of(one, caller, "who") for one in pair)
        return f"{start}{literal(exchange.path)}, auth=({who}))"
    return f"{start}{literal(exchange.path)}, {'data' if form else 'json'}={body})"


def _body(said: dict[str, Any], caller: Caller, more: bool) -> str:
    """The fields; what is added goes beside the password."""
    parts = []
    for name, value in said.items():
        if isinstance(value, dict):
            parts.append(f"{literal(name)}: {_body(value, caller, more)}")
        else:
            parts.append(
                f"{literal(name)}: {text_of(value, caller, 'who') if isinstance(value, str) else literal(value)}"
            )
    if more and any("pass" in name.lower() for name in said):
        parts.append("**more")
    return "{" + ", ".join(parts) + "}"


def _role(setting: Setting) -> list[str]:
    for caller in setting.ground.callers:
        for (who, path), answer in setting.ground.answers.items():
            if who != caller.name or "{" in path or path not in setting.ground.accounts.doors.paths:
                continue
            for name, value in leaves(parsed(answer)):
                if not _ROLE.match(name) or not isinstance(value, str | bool):
                    continue
                place = (
                    next((p for p in places_of(parsed(answer), value) if p[-1] == name), None)
                    if isinstance(value, str)
                    else (name,)
                )
                if place is None or any(isinstance(part, int) for part in place):
                    continue
                taken = f"picked(who.get({literal(path)}), {', '.join(literal(part) for part in place)})"
                if isinstance(value, bool):
                    return ["if who.role:", "    return who.role", f'return "admin" if {taken} else "member"']
                return ["if who.role:", "    return who.role", f"return str({taken}).lower()"]
    return ["return who.role"]


def _person(setting: Setting, caller: Caller, identities: Sequence[Identity]) -> dict[str, Any]:
    name = setting.name(caller)
    identity = next((one for one in identities if one.name == caller.name), None)
    if identity is None:
        return {
            "fixture": name,
            "says": f"A member with an account of their own, made for this run: {slug(caller.name)}.",
            "variable": "",
            "lines": [f"who = Caller({literal(caller.name)})", "sign_up(who)", "sign_in(who)"],
        }
    reference = identity.token or identity.password
    variable = reference.env if reference else ""
    of = f" of {identity.tenant}" if identity.tenant else ""
    says = f"{identity.name}, {identity.role}{of}. {variable} holds what signs them in."
    if caller.headers and caller.person is None:
        header, value = next(iter(caller.headers.items()))
        before = value.rpartition(" ")[0]
        taken = f"from_environment({literal(variable)})"
        lines = [
            f"who = Caller({literal(identity.name)}, role={literal(identity.role)})",
            f"who.headers[{literal(header)}] = " + (f"{literal(before + ' ')} + {taken}" if before else taken),
        ]
    else:
        lines = [
            f"who = Caller({literal(identity.name)}, {literal(identity.username)}, {literal(identity.username)}, from_environment({literal(variable)}), {literal(identity.role)})",
            "sign_in(who)",
        ]
    return {"fixture": name, "says": says, "variable": variable, "lines": lines}
