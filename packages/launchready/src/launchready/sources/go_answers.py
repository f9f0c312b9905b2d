"""Whether a handler of Go answers the same to everybody and does nothing else: ``fmt.Fprintln(w, "ok")``."""

import re

_TEXTS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`")
_CALL = re.compile(r"([A-Za-z_]\w*(?:\(\))?(?:\.[A-Za-z_]\w*(?:\(\))?)*)\s*\(")
_ANSWERS = re.compile(
    r"(?:fmt\.(?:Fp|Sp|P)rint(?:f|ln)?|io\.WriteString|log\.Print(?:f|ln)?|\w+\.Write(?:Header)?|\w+\.Header|\w+\.Header\(\)\.(?:Set|Add)|json\.(?:Marshal|NewEncoder)|"
    r"json\.NewEncoder\(\w+\)\.Encode|time\.(?:Now|Since)|http\.Error|\w+\.(?:JSON|String|HTML|SendString|SendStatus|Status|Encode|Format|UTC|Unix)|string|byte|len|if|func)$"
)
_ENCODES = re.compile(r"json\.NewEncoder\(\w+\)\.")
_CHANGES = re.compile(r"(?<![:=!<>+\-*/&|])=(?!=)|\+\+|--|\+=|-=|<-|\bgo\s")
_SIGNATURE = re.compile(r"^[^{]*\{")


def go_only_answers(code: str) -> bool:
    """Whether nothing in a body reaches beyond the answer. ``code`` begins with the line that has its head."""
    if "http.ResponseWriter" not in code.split("{", 1)[0]:
        return False
    body = _TEXTS.sub('""', _SIGNATURE.sub("", code, count=1))
    plain = _ENCODES.sub("w.", body)
    calls = _CALL.findall(plain)
    return bool(calls) and all(_ANSWERS.match(name) for name in calls) and not _CHANGES.search(plain)
