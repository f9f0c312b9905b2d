"""express: the reviewed policy kept in an Express app."""

from launchready.fixes.fix import Fix
from launchready.fixes.node.propose import express

FIX = Fix(
    "express",
    "Put the guard before an Express app, so that the reviewed policy is enforced",
    ("LR102", "LR104", "LR201", "LR203", "LR208", "LR331", "LR332", "LR334"),
    express,
    21,
    ("Express",),
)
