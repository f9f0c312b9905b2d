"""LR125: Firebase rules that let strangers, or every signed-in user, read or change everything."""

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.parsed import json_of, table_of
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.data.firebase import Allow, allows
from launchready.sources.manifests import dependencies
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_LINES = ("BAR-1", "BAR-2", "SURF-F2", "AUTH-F2")
_PACKAGES = ("firebase", "@angular/fire", "reactfire", "vuefire")


async def run(context: Context) -> Result:
    """Judge every grant of every rules file; say which rules are named and not here."""
    tree = context.get(Tree)
    found, unread = allows(tree)
    mine = [allow for allow in found if is_real(allow.span.file)]
    gaps = [Gap(one.file, one.reason, "a rules file that parses") for one in unread]
    gaps += [Gap(name, f"{name} is named in firebase.json and not in the source", name) for name in _absent(tree)]
    if not mine and not gaps:
        if not set(_PACKAGES).intersection(dependencies(tree)):
            raise NotApplicableError("the source uses no Firebase")
        gaps.append(
            Gap(
                "firebase",
                "the app uses Firebase, and its rules are not in the source",
                "firestore.rules and storage.rules",
            )
        )
    gaps += [
        Gap(
            f"{one.span.file}:{one.span.line}",
            f"{one.path}: its condition was not followed, and nothing evaluates Firebase rules offline but Google's own emulator: {one.condition[:120]}",
            "a test of your own with @firebase/rules-unit-testing, or a look by a person",
        )
        for one in mine
        if one.to == "some"
    ]
    judged = [one for one in mine if one.to != "some"]
    return Result(len(judged), tuple(_finding(one) for one in judged if one.to not in ("nobody", "owner")), tuple(gaps))


def _absent(tree: Tree) -> list[str]:
    names: list[str] = []
    for file in tree.named("firebase.json"):
        folder = file.path.rpartition("/")[0]
        data = table_of(json_of(tree.text(file.path) or ""))
        for service in ("firestore", "storage", "database"):
            parts = data.get(service)
            for part in parts if isinstance(parts, list) else [parts]:
                rules = part.get("rules") if isinstance(part, dict) else None
                if isinstance(rules, str):
                    names.append(f"{folder}/{rules}".lstrip("/"))
    here = {file.path for file in tree.files}
    return sorted(name for name in set(names) if name not in here)


def _finding(allow: Allow) -> Finding:
    acts = "read and change" if allow.writes and {"read", "get", "list"}.intersection(allow.acts) else "change"
    acts = acts if allow.writes else "read"
    where = f"{allow.path} in {allow.service}"
    # Everything below the root, and anything that can be changed, was never meant for everybody.
    narrow = not allow.writes and "=**}" not in allow.path and allow.path != "/"
    if allow.to == "member":
        title = f"Whoever signs up can {acts} {where}, whosever it is"
        severity, confidence = (
            Severity.HIGH if narrow else Severity.BLOCKER,
            Confidence.SUSPECTED if narrow else Confidence.CERTAIN,
        )
        what = "The rule asks only that somebody is signed in, and signing up is free."
    elif allow.to == "test":
        title = f"Anyone on the internet can {acts} {where} until a date, and after it nobody can"
        severity, confidence = Severity.BLOCKER, Confidence.CERTAIN
        what = "This is the test mode that a new project starts with. On that date the app stops working."
    else:
        title = f"Anyone on the internet can {acts} {where}"
        severity = Severity.MEDIUM if narrow else Severity.BLOCKER
        confidence = Confidence.SUSPECTED if narrow else Confidence.CERTAIN
        what = "The configuration in your page is all that is needed to call it."
    return Finding(
        "LR125",
        f"{allow.service} {allow.path}",
        title,
        severity,
        confidence,
        Impact.DATA,
        _LINES,
        what,
        (
            Evidence(
                "file", f"the condition comes to: {allow.condition}", allow.span.what, allow.span.file, allow.span.line
            ),
        ),
        "",
        "Bind each path to its owner, such as: match /users/{userId} { allow read, write: if request.auth.uid == userId; }",
        2.0,
        f"{allow.span.file} {','.join(allow.acts)}",
    )


CHECK = Check(
    CheckInfo(
        "LR125",
        "Firebase rules bind data to its owner",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
