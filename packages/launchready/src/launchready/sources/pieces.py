"""Code taken apart at its commas where no tree of it is at hand: what a regular expression found in a string, and what stands beside it."""

_LONGEST = 2000


def pieces(text: str, at: int) -> list[str]:
    """What stands between the commas inside of the brackets that open just before ``at``; nothing when they do not end within 2,000 letters."""
    found, begun, depth, quote = list[str](), at, 0, ""
    for index in range(at, min(len(text), at + _LONGEST)):
        sign = text[index]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'`":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}" and depth == 0:
            return [part for part in (*found, text[begun:index].strip()) if part]
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            found.append(text[begun:index].strip())
            begun = index + 1
    return []
