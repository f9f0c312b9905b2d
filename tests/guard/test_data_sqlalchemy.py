"""Tenants in SQLAlchemy, on a real SQLite: a forgotten filter is filtered in production and fails in tests, and no other tenant's row ever comes."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from fastapi import FastAPI
from launchready_guard import Bearer, Guard
from launchready_guard.data.sqlalchemy import TenantBound, keep_apart
from launchready_guard.policy import parse_policy
from launchready_guard.tenancy import TenancyError, everything, only
from sqlalchemy import ForeignKey, create_engine, delete, exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    sessionmaker,
)
from sqlalchemy.pool import StaticPool
from starlette.testclient import TestClient

from tests.guard.app import KEY, bearer


class Base(DeclarativeBase):
    """The tables of the tests."""


class Person(Base):
    """Somebody of no tenant in particular."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship(back_populates="person")


class Task(TenantBound, Base):
    """A record of a workspace."""

    __tablename__ = "tasks"
    __tenant__: ClassVar[str] = "workspace"
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[str]
    title: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    person: Mapped[Person | None] = relationship(back_populates="tasks")
    notes: Mapped[list["Note"]] = relationship(back_populates="task")


class Note(TenantBound, Base):
    """A record that hangs on another, of a tenant that is a number."""

    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    task: Mapped[Task] = relationship(back_populates="notes")


def _sessions(*, strict: bool) -> sessionmaker[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    keep_apart(sessions, strict=strict)
    with everything(), sessions() as session:
        session.add(Person(id=1))
        for number, workspace in enumerate(("north", "north", "south", "7", "8"), 1):
            session.add(Task(id=number, workspace=workspace, title=f"task {number}", person_id=1))
            session.add(Note(id=number, tenant_id=7 if workspace == "7" else 8, task_id=number))
        session.commit()
    return sessions


@pytest.fixture
def session() -> Iterator[Session]:
    with _sessions(strict=False)() as session:
        yield session


@pytest.fixture
def strict() -> Iterator[Session]:
    with _sessions(strict=True)() as session:
        yield session


def test_a_forgotten_filter_is_filtered(session: Session) -> None:
    other = aliased(Task)
    ways: dict[str, Any] = {
        "class": select(Task.id),
        "column": select(Task.id).order_by(Task.title),
        "alias": select(other.id),
        "count": select(func.count()).select_from(Task),
        "join": select(Task.id).join(Task.person),
        "from the other side": select(Task.id).select_from(Person).join(Person.tasks),
        "outer join": select(Task.id).select_from(Person).outerjoin(Person.tasks),
        "subquery": select(select(Task.id).subquery().c.id),
        "cte": select(select(Task.id).cte().c.id),
        "aliased subquery": select(aliased(Task, select(Task).subquery()).id),
        "in": select(Person.id).where(Person.id.in_(select(Task.person_id).where(Task.workspace == "south"))),
        "exists": select(Person.id).where(exists().where(Task.person_id == Person.id, Task.workspace == "south")),
        "has": select(Person.id).where(Person.tasks.any(Task.workspace == "south")),
        "scalar": select(Person.id, select(func.count(Task.id)).scalar_subquery()),
        "union": union_all(select(Task.id), select(Task.id)),
        "or": select(Task.id).where((Task.workspace == "south") | literal(True)),
        "lateral guess": select(Task.id).where(Task.id == 3),
    }
    different: dict[str, list[tuple[int, ...]]] = {
        "count": [(2,)],
        "in": [],
        "exists": [],
        "has": [],
        "scalar": [(1, 2)],
        "union": [(1,), (1,), (2,), (2,)],
        "lateral guess": [],
    }
    with only("north"):
        found = {way: sorted(tuple(row) for row in session.execute(statement)) for way, statement in ways.items()}
    assert found == {way: different.get(way, [(1,), (2,)]) for way in ways}


def test_what_hangs_on_records_is_filtered_too(session: Session) -> None:
    with only("north"):
        for load in (joinedload(Person.tasks), selectinload(Person.tasks)):
            session.expunge_all()
            person = session.scalars(select(Person).options(load)).unique().one()
            assert [task.id for task in person.tasks] == [1, 2]
        session.expunge_all()
        person = session.get_one(Person, 1)
        assert [task.id for task in person.tasks] == [1, 2]
        assert session.get(Task, 3) is None and session.get(Task, 1) is not None


def test_several_tenants_and_tenants_that_are_numbers(session: Session) -> None:
    with only("north", "south"):
        assert set(session.scalars(select(Task.id))) == {1, 2, 3}
        assert list(session.scalars(select(Note.id))) == []
    with only(7):
        assert list(session.scalars(select(Note.id))) == [4]
    with only("7"):
        assert list(session.scalars(select(Note.id).join(Note.task))) == [4]
    with only():
        assert list(session.scalars(select(Task.id))) == []
    with everything():
        assert len(list(session.scalars(select(Task.id)))) == 5


def test_writes_stay_inside(session: Session) -> None:
    with only("north"):
        assert session.execute(update(Task).values(title="ours")).rowcount == 2  # type: ignore[attr-defined]
        assert session.execute(delete(Task).where(Task.id == 3)).rowcount == 0  # type: ignore[attr-defined]
        session.add(mine := Task(title="new"))
        session.flush()
        assert mine.workspace == "north"
        for wrong in (Task(title="x", workspace="south"), Task(title="x", workspace="NORTH")):
            session.add(wrong)
            with pytest.raises(TenancyError, match="another tenant"):
                session.flush()
            session.expunge(wrong)
        mine.workspace = "south"
        with pytest.raises(TenancyError, match="another tenant"):
            session.flush()
        session.rollback()
        with pytest.raises(TenancyError, match="move records"):
            session.execute(update(Task).values(workspace="south"))
        with pytest.raises(TenancyError, match=r"session\.add"):
            session.execute(insert(Task), [{"title": "x", "workspace": "south"}])
    with everything():
        assert list(session.scalars(select(Task.id).where(Task.workspace == "south"))) == [3]
        stolen = session.get_one(Task, 3)
    with only("north"):
        stolen.workspace = "north"
        with pytest.raises(TenancyError, match="another tenant"):
            session.flush()
        session.rollback()
        session.delete(stolen)
        with pytest.raises(TenancyError, match="another tenant"):
            session.flush()


def test_without_a_tenant_nothing_comes_and_it_is_said(session: Session) -> None:
    for statement in (select(Task), select(Person).where(Person.tasks.any()), select(Task.__table__.c.id)):
        with pytest.raises(TenancyError, match="no tenant is set"):
            session.execute(statement)
    person = session.scalars(select(Person).options(joinedload(Person.tasks))).unique().one()
    assert person.tasks == []
    session.expunge_all()
    person = session.get_one(Person, 1)
    with pytest.raises(TenancyError, match="no tenant is set"):
        assert person.tasks
    session.add(Task(title="x", workspace="north"))
    with pytest.raises(TenancyError, match="another tenant"):
        session.flush()


def test_what_cannot_be_filtered_is_refused(session: Session) -> None:
    with only("north"):
        for statement in (
            text("SELECT id FROM tasks"),
            text('select id from "Tasks"'),
            select(Task.__table__.c.id),
            select(Task).from_statement(text("SELECT * FROM tasks")),
            select(Person.id).where(text("id IN (SELECT person_id FROM tasks)")),
        ):
            with pytest.raises(TenancyError, match="cannot be kept to one tenant"):
                session.execute(statement)
        assert session.execute(text("SELECT 1")).scalar() == 1
    with everything():
        assert len(session.execute(text("SELECT id FROM tasks")).all()) == 5


def test_in_tests_a_forgotten_filter_fails(strict: Session) -> None:
    north = Task.workspace == "north"
    with only("north"):
        for forgotten in (
            select(Task),
            select(Task).where(Task.id == 1),
            select(func.count()).select_from(Task),
            select(Task).where(north | (Task.id == 3)),
            select(Task).where(~north),
            select(Task).where(Task.workspace == Task.workspace),
            select(Person).where(Person.tasks.any()),
            select(Note).join(Note.task).where(north),
            update(Task).values(title="x"),
            delete(Task),
        ):
            with pytest.raises(TenancyError, match="does not name the tenant"):
                strict.execute(forgotten)
        with pytest.raises(TenancyError, match="does not name the tenant"):
            strict.get(Task, 1)
        one = strict.scalars(select(Task).where(Task.id == 1, north)).one()
        assert one.person is not None and [task.id for task in one.person.tasks] == [1, 2]
        assert one.notes == []
        for fine in (
            select(Task.id).where(Task.workspace.in_(["north"])),
            select(Person.id).where(Person.tasks.any(north)),
            select(Person.id).join(Person.tasks.and_(north)),
        ):
            assert strict.execute(fine).all()
        # A filter by another's name finds nothing, since the guard's own stands beside it.
        assert strict.execute(select(Task).where(Task.workspace == "south")).all() == []


def test_the_guard_sets_the_tenant_for_each_request() -> None:
    sessions, app = _sessions(strict=False), FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def tasks() -> list[int]:
        with sessions() as session:
            return list(session.scalars(select(Task.id)))

    async def later() -> list[int]:
        return tasks()

    app.add_api_route("/w/{workspace}/tasks", tasks)
    app.add_api_route("/tasks", later)
    app.add_api_route("/public", tasks)
    rows = "".join(
        f'[[endpoint]]\nroute = "GET {path}"\nallow = ["{role}"]\ntenant = {bound}\n'
        for path, role, bound in (
            ("/w/{workspace}/tasks", "member", "true"),
            ("/tasks", "member", "false"),
            ("/public", "guest", "false"),
        )
    )
    policy = parse_policy(
        '[roles]\norder = ["guest", "member", "support"]\n[tenant]\nparam = ["path:workspace"]\nacross = ["support"]\n'
        + rows
    )
    guard = Guard(app, policy, Bearer(KEY, tenant="workspace"))
    with TestClient(guard) as client:
        both = bearer("ann", "member", ["north", "south"])  # type: ignore[arg-type]
        assert client.get("/w/north/tasks", headers=both).json() == [1, 2]
        assert client.get("/w/south/tasks", headers=both).json() == [3]
        assert client.get("/tasks", headers=both).json() == [1, 2, 3]
        assert client.get("/w/7/tasks", headers=both).status_code == 404
        everybody = bearer("sue", ["member", "support"], [])  # type: ignore[arg-type]
        assert client.get("/tasks", headers=everybody).json() == [1, 2, 3, 4, 5]
        with pytest.raises(TenancyError, match="no tenant is set"):
            client.get("/public")
