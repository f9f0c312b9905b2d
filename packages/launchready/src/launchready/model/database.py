"""A database as clients reach it: the statements that build it, and what its catalogue and our trials say about it."""

import re
from dataclasses import dataclass
from enum import StrEnum

# As the catalogue writes expressions: only that somebody is signed in.
_SIGNED_IN = re.compile(
    r"\(*\s*(?:SELECT\s+)?auth\.(?:uid\(\)(?:\s+AS\s+uid)?\)*\s+IS\s+NOT\s+NULL|role\(\)(?:\s+AS\s+role)?\)*\s*=\s*'authenticated'::text)\)*"
)
# What a condition asks of more than the row that is added.
_ASKS_SOMEBODY = re.compile(
    r"\bauth\.|\bSELECT\b|\bcurrent_(?:setting|user|role)\b|\bsession_user\b|\b(?!pg_catalog\b)\w+\.\w+\(", re.I
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement as written: ``file`` relative to the source root, ``line`` from 1."""

    file: str
    line: int
    sql: str


@dataclass(frozen=True, slots=True)
class Unrun:
    """A statement that could not be run, and the database's own words on why."""

    file: str
    line: int
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A row-level policy: ``command`` is select, insert, update, delete or all; empty expressions mean none was given."""

    name: str
    command: str
    roles: tuple[str, ...]
    using: str = ""
    check: str = ""
    permissive: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of an exposed schema.

    ``owner`` and ``tenant`` name the columns that say whose a row is, empty when none does. ``can`` holds what was tried
    and worked on a row of member A, as ``anon:select`` (a stranger), ``member:update`` (member B) or ``owner:delete`` (member A);
    ``untried`` says why nothing could be tried. ``bypasses`` is true for a view that reads with its owner's rights, ``lent`` for a table that
    no statement had made when the first one used it, so that it was made from the app's generated types.
    """

    schema: str
    name: str
    kind: str
    columns: tuple[str, ...]
    rls: bool
    policies: tuple[Policy, ...] = ()
    grants: frozenset[str] = frozenset()
    owner: str = ""
    tenant: str = ""
    can: frozenset[str] = frozenset()
    untried: str = ""
    bypasses: bool = False
    lent: bool = False

    @property
    def full_name(self) -> str:
        """``public.members``."""
        return f"{self.schema}.{self.name}"

    def open_policies(self, command: str, role: str) -> tuple[Policy, ...]:
        """The policies that let every row through to ``role`` (anon or authenticated) for ``command``."""

        def lets_all(expression: str) -> bool:
            return expression == "true" or (role == "authenticated" and bool(_SIGNED_IN.fullmatch(expression)))

        return tuple(
            policy
            for policy in self.policies
            if policy.permissive
            and policy.command in (command, "all")
            and {role, "public"}.intersection(policy.roles)
            and lets_all((policy.check or policy.using) if command == "insert" else policy.using)
        )

    @property
    def takes_forms(self) -> bool:
        """Whether strangers may add rows by a policy for just that, which looks at the row and at nobody: ``status = 'pending'``."""
        return any(
            policy.permissive
            and policy.command == "insert"
            and {"anon", "public"}.intersection(policy.roles)
            and not _ASKS_SOMEBODY.search(policy.check)
            for policy in self.policies
        )


class Effect(StrEnum):
    """What a function does with rows: ``NOTHING`` reads none; ``ANSWERS`` gives a yes, a number or a date about them; ``COUNTS`` adds one to a
    number; ``READS`` gives out rows or texts; ``WRITES`` changes more than a number."""

    NOTHING = "nothing"
    ANSWERS = "answers"
    COUNTS = "counts"
    READS = "reads"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Routine:
    """A function of an exposed schema: ``callers`` are the roles of the API that may call it, ``definer`` whether it runs with its
    owner's rights, ``gives`` the columns it returns. ``can`` holds who got through it when it was called with plain values, as ``anon:call``, and what
    that did to rows of member A, as in :class:`Relation`.
    """

    schema: str
    name: str
    arguments: str
    callers: tuple[str, ...]
    pinned: bool
    asks_caller: bool
    definer: bool = True
    can: frozenset[str] = frozenset()
    effect: Effect = Effect.WRITES
    gives: tuple[str, ...] = ()

    @property
    def name_alone(self) -> str:
        """``public.wipe``."""
        return f"{self.schema}.{self.name}"

    @property
    def full_name(self) -> str:
        """``public.wipe(integer)``."""
        return f"{self.schema}.{self.name}({self.arguments})"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A storage bucket; ``can`` as in :class:`Relation`, tried on a file in member A's own folder."""

    name: str
    public: bool
    can: frozenset[str] = frozenset()
    untried: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """Everything the built database shows, in name order, and what is missing from it."""

    relations: tuple[Relation, ...] = ()
    routines: tuple[Routine, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    unrun: tuple[Unrun, ...] = ()
    ran: int = 0
