"""Tenants in Django, on a real SQLite: a forgotten filter is filtered in production and fails in tests, and no other tenant's row ever comes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from launchready_guard.tenancy import TenancyError, everything, only

from tests.guard.django_app import with_options

# isort: split
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Exists, OuterRef

from tests.guard.records.models import Note, Person, Task, Workspace

NORTH, SOUTH = 1, 2
# Made before any request, as the queryset of a view is.
AT_IMPORT = Task.objects.order_by("id")


@pytest.fixture(autouse=True)
def records() -> Iterator[None]:
    keep = connection.cursor()  # a database in memory lives as long as somebody is connected
    call_command("migrate", verbosity=0, run_syncdb=True)
    with everything():
        for number, name in ((NORTH, "north"), (SOUTH, "south")):
            Workspace.objects.create(id=number, name=name)
        ann = Person.objects.create(id=1, name="ann")
        for number, workspace in ((1, NORTH), (2, NORTH), (3, SOUTH)):
            Task.objects.create(id=number, workspace_id=workspace, person=ann, title=f"task {number}")
            Note.objects.create(id=number, tenant=str(workspace), task_id=number)
    yield
    with everything():
        for model in (Note, Task, Person, Workspace):
            model.objects.all().delete()
    keep.close()


def _ids(rows: Any) -> list[int]:
    return sorted(row.pk for row in rows)


def test_a_forgotten_filter_is_filtered() -> None:
    tasks = Task.objects
    with only(NORTH):
        assert _ids(tasks.all()) == _ids(AT_IMPORT) == _ids(tasks.order_by("-id")) == [1, 2]
        assert (tasks.count(), tasks.exists(), tasks.filter(id=3).exists()) == (2, True, False)
        assert _ids(tasks.exclude(workspace=NORTH)) == _ids(tasks.filter(workspace=SOUTH)) == []
        assert tasks.filter(id=3).first() is None and tasks.in_bulk([1, 3]).keys() == {1}
        assert _ids(tasks.all()[:5]) == _ids(tasks.distinct()) == _ids(tasks.iterator()) == [1, 2]
        assert _ids(tasks.filter(id=1).union(tasks.filter(id=3))) == [1]
        assert _ids(tasks.filter(id=1) | tasks.filter(id=3)) == [1]
        assert tasks.aggregate(n=Count("id"))["n"] == 2
        assert tasks.filter(title__startswith="task")[:9].aggregate(n=Count("id"))["n"] == 2
        assert list(tasks.values("workspace").annotate(n=Count("notes"))) == [{"workspace": NORTH, "n": 2}]
        assert _ids(Workspace.objects.filter(id__in=tasks.values("workspace"))) == [NORTH]
        assert _ids(Workspace.objects.filter(Exists(tasks.filter(workspace=OuterRef("pk"))))) == [NORTH]
        assert _ids(Note.objects.filter(task__title="task 3")) == []
        with pytest.raises(Task.DoesNotExist):
            tasks.get(id=3)
    with only(SOUTH):
        assert _ids(AT_IMPORT) == _ids(AT_IMPORT.all()) == [3]
    with only("no number"):
        assert _ids(AT_IMPORT) == []
    with everything():
        assert _ids(AT_IMPORT) == [1, 2, 3]


def test_what_hangs_on_records_is_filtered_too() -> None:
    ann = Person.objects.get(id=1)
    with only(NORTH):
        assert _ids(ann.tasks.all()) == [1, 2]
        assert _ids(Person.objects.prefetch_related("tasks").get().tasks.all()) == [1, 2]
    with everything():
        note = Note.objects.get(id=3)
    with only(NORTH), pytest.raises(Task.DoesNotExist):
        assert note.task


def test_writes_stay_inside() -> None:
    with everything():
        stolen = Task.objects.get(id=3)
    with only(NORTH):
        assert Task.objects.update(title="ours") == 2
        assert Task.objects.filter(id=3).delete()[0] == 0
        mine = Task.objects.create(title="new")
        assert mine.workspace_id == NORTH
        mine.title = "newer"
        mine.save()
        moved, given_away = Task(id=3, workspace_id=NORTH, title="task 3"), Task.objects.get(id=1)
        given_away.workspace_id = SOUTH
        writes: tuple[Callable[[], Any], ...] = (
            lambda: Task.objects.create(title="x", workspace_id=SOUTH),
            lambda: Task.objects.bulk_create([Task(title="x", workspace_id=SOUTH)]),
            lambda: Task(id=3, workspace_id=NORTH, title="taken over").save(),
            lambda: Task.objects.update(workspace=SOUTH),
            lambda: Task.objects.filter(id=1).update(workspace_id=SOUTH),
            stolen.save,
            stolen.delete,
            moved.save,
            moved.delete,
            given_away.save,
        )
        for write in writes:
            with pytest.raises(TenancyError, match="another tenant"):
                write()
        assert mine.delete()[0] == 1
    with everything():
        assert Task.objects.get(id=3).title == "task 3"


def test_without_a_tenant_it_is_said() -> None:
    for ask in (
        lambda: list(Task.objects.all()),
        Task.objects.count,
        Task.objects.all().delete,
        lambda: list(AT_IMPORT),
    ):
        with pytest.raises(TenancyError, match="no tenant is set"):
            ask()
    with only(NORTH), pytest.raises(TenancyError, match="SQL as text"):
        Task.objects.raw("SELECT * FROM records_task")


def test_in_tests_a_forgotten_filter_fails() -> None:
    tasks = Task.objects
    ann = Person.objects.get(id=1)
    with with_options(strict=True), only(NORTH):
        for forgotten in (
            lambda: list(tasks.all()),
            lambda: tasks.get(id=1),
            tasks.count,
            lambda: list(tasks.exclude(workspace=NORTH)),
            lambda: list(tasks.filter(workspace=NORTH) | tasks.filter(id=3)),
            lambda: list(tasks.filter(notes__tenant=str(NORTH))),
            lambda: list(Workspace.objects.filter(id__in=tasks.values("workspace"))),
            lambda: tasks.update(title="x"),
            lambda: tasks.filter(id=1).delete(),
        ):
            with pytest.raises(TenancyError, match="does not name the tenant"):
                forgotten()
        assert _ids(tasks.filter(workspace=NORTH)) == _ids(tasks.filter(workspace_id__in=[NORTH, SOUTH])) == [1, 2]
        assert _ids(tasks.filter(workspace=SOUTH)) == []
        assert _ids(ann.tasks.all()) == [1, 2]
        one = tasks.get(workspace=NORTH, id=1)
        one.title = "changed"
        one.save()
        assert tasks.filter(workspace=NORTH, id=1).update(title="again") == 1
