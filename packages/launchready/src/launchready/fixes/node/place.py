"""Puts the guard's lines into the file that makes an Express app."""

import re

_IMPORT = re.compile(r"^import\s[^\n]*?[\"'][^\"'\n]+[\"'][^\n]*\n", re.M)


def placed(text: str, name: str, lines: tuple[str, ...], *, modern: bool) -> str | None:
    """The file with the guard before everything else the app uses: right after the line that makes it, the imports of a module after its own.

    None when it does not look as simple as that, which is for a person to see to.
    """
    made = rf"^(?:export\s+)?(?:const|let|var)\s+{re.escape(name)}\s*=\s*express\(\)[ \t]*;?[ \t]*(?://[^\n]*)?\n"
    found = list(re.finditer(made, text, re.M))
    if len(found) != 1 or "\r" in text:
        return None
    at, used = found[0].end(), "".join(f"{line}\n" for line in lines[-1 if modern else 0 :])
    # Only what nobody used the app for yet is guarded.
    if re.search(rf"\b{re.escape(name)}\s*\.\s*(?:use|all|get|post|put|patch|delete|route)\(", text[:at]):
        return None
    text = text[:at] + used + text[at:]
    if not modern:
        return text
    imports = list(_IMPORT.finditer(text[:at]))
    if not imports:
        return None
    after = imports[-1].end()
    return text[:after] + "".join(f"{line}\n" for line in lines[:-1]) + text[after:]
