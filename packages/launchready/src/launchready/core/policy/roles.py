"""The roles of an app, from the least to the mightiest, by the words people use for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from launchready_guard.policy import GUEST

from launchready.model.surface import Surface
from launchready.model.words import Kind

MEMBER, ADMIN = "member", "admin"
_WORDS = (
    ("guest", "anonymous", "anon", "public", "visitor", "everyone"),
    ("viewer", "reader", "observer", "readonly"),
    (
        "user",
        "member",
        "customer",
        "client",
        "subscriber",
        "basic",
        "standard",
        "free",
        "student",
        "authenticated",
        "participant",
        "attendee",
        "volunteer",
        "pupil",
        "learner",
        "player",
        "resident",
        "applicant",
        "buyer",
    ),
    ("contributor", "author", "editor", "writer", "annotator", "agent", "employee", "operator", "premium", "pro"),
    (),  # names of the app's own, which we cannot place any better
    ("moderator", "reviewer", "staff", "support", "lead", "teacher", "coordinator", "organizer", "organiser"),
    ("manager", "maintainer", "supervisor"),
    ("admin", "administrator"),
    ("owner",),
    ("superuser", "superadmin", "root", "super"),
)
_RANKS = {word: rank for rank, words in enumerate(_WORDS) for word in words}
_GUEST, _ORDINARY, _OWN, _HIGH = 0, 2, 4, 6


@dataclass(frozen=True, slots=True)
class Roles:
    """``order`` begins with guest. ``added`` are those no source and no file names, which the rows still need."""

    order: tuple[str, ...]
    added: tuple[str, ...] = ()

    @property
    def signed_in(self) -> tuple[str, ...]:
        """Everybody who is known to the app."""
        return tuple(role for role in self.order if role != GUEST)

    @property
    def high(self) -> tuple[str, ...]:
        """Those who run the app: what is for administrators is for them."""
        return tuple(role for role in self.order if rank(role) > _HIGH) or self.signed_in[-1:]

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The roles of this order that source means by these names, in order; permissions are none."""
        wanted = {GUEST if rank(name) == _GUEST else name.lower() for name in names if is_role(name)}
        return tuple(role for role in self.order if role.lower() in wanted)


def is_role(name: str) -> bool:
    """Whether a name is a role: ``keys:read`` and ``shop.add_order`` are permissions."""
    return bool(name) and not re.search(r"[:.\s]", name)


def rank(role: str) -> int:
    """How much a role may do by its name, from 0 (guest) up."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", role)
    return max((_RANKS[word.lower()] for word in words if word.lower() in _RANKS), default=_OWN)


def is_ordinary(role: str) -> bool:
    """Whether a role is that of whoever signs up: users, members, customers."""
    return rank(role) <= _ORDINARY


def runs_it(role: str) -> bool:
    """Whether a role runs the app or a part of it: staff, moderators, managers, administrators."""
    return rank(role) > _OWN


def roles_of(surface: Surface, given: Iterable[str] = ()) -> Roles:
    """The roles that the source names and those ``given`` by hand, with ``member`` when nobody ordinary is among them."""
    named: dict[str, str] = {}
    for name in (*given, *surface.roles):
        if is_role(name) and rank(name) != _GUEST:
            named.setdefault(name.lower(), name)
    added = []
    if not any(rank(name) <= _ORDINARY for name in named.values()):
        added.append(MEMBER)
    if not any(runs_it(name) for name in named.values()) and surface.by_kind(Kind.ADMIN):
        added.append(ADMIN)
    order = sorted((*named.values(), *added), key=lambda name: (rank(name), name.lower()))
    return Roles((GUEST, *order), tuple(added))
