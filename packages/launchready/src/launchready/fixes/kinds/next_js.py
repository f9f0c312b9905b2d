"""next: the reviewed policy kept in a Next.js app."""

from launchready.fixes.fix import Fix
from launchready.fixes.node.propose import next_js

FIX = Fix(
    "next",
    "Put the guard before a Next.js app, so that the reviewed policy is enforced",
    ("LR102", "LR104", "LR201", "LR203", "LR208", "LR331", "LR332", "LR334"),
    next_js,
    22,
    ("Next.js",),
)
