"""E-mail addresses of those who make the app, as its source names them: they are meant to be known."""

import re
from pathlib import PurePosixPath

from launchready.sources.tree import Tree

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,3}")
_PAPERS = re.compile(
    r"^(?:readme|authors?|contributors?|contributing|maintainers?|credits|security|code_of_conduct|license|licence|copying|notice|"
    r"codeowners|humans|package|pyproject|setup|composer|cargo|gemspec)(?:\.(?:md|rst|txt|toml|json|cfg|py|adoc))?$",
    re.I,
)
# Accounts to try the app with are people of the app, whoever names them.
_ACCOUNT = re.compile(r"passw|passphrase|log[ -]?in|sign[ -]?in|credential|demo|seed|curl|http", re.I)
_TEMPLATES = frozenset((".html", ".htm", ".jinja", ".jinja2", ".j2", ".ejs", ".hbs", ".pug", ".twig", ".erb", ".haml", ".liquid"))  # fmt: skip
_TRY_IT = re.compile(r"passw|credential|\bdemo\b|\bseed|log[ -]?in|sign[ -]?in", re.I)
_DEEPEST, _LARGEST = 2, 500_000


def makers(tree: Tree) -> frozenset[str]:
    """Addresses, lower case, in the package's own description, its README and the papers beside it, near the root, and in templates.

    What somebody wrote into the template of a page is shown to whoever opens it, and comes from no record.
    """
    found = set[str]()
    for file in tree.files:
        place = PurePosixPath(file.path)
        paper = len(place.parts) <= _DEEPEST and bool(_PAPERS.match(place.name))
        if file.size > _LARGEST or not (paper or place.suffix.lower() in _TEMPLATES):
            continue
        account = _ACCOUNT if paper else _TRY_IT
        for line in (tree.text(file.path) or "").splitlines():
            if "@" in line and not account.search(line.replace("mailto:", "")):
                found |= {one.lower() for one in _EMAIL.findall(line)}
    return frozenset(found)
