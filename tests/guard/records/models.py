"""Records of workspaces."""

from typing import ClassVar

from django.db import models
from launchready_guard.data.django import TenantManager


class Workspace(models.Model):  # type: ignore[misc]
    """A customer."""

    name = models.CharField(max_length=50)

    class Meta:
        """Django's own settings."""

        app_label = "records"


class Person(models.Model):  # type: ignore[misc]
    """Somebody of no tenant in particular."""

    name = models.CharField(max_length=50)

    class Meta:
        """Django's own settings."""

        app_label = "records"


class Task(models.Model):  # type: ignore[misc]
    """A record of a workspace."""

    tenant_field: ClassVar[str] = "workspace"
    workspace = models.ForeignKey(Workspace, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE, related_name="tasks", null=True)
    title = models.CharField(max_length=50)
    objects = TenantManager()

    class Meta:
        """Django's own settings."""

        app_label = "records"
        base_manager_name = "objects"


class Note(models.Model):  # type: ignore[misc]
    """A record that hangs on another."""

    tenant = models.CharField(max_length=50)
    task = models.ForeignKey(Task, models.CASCADE, related_name="notes")
    objects = TenantManager()

    class Meta:
        """Django's own settings."""

        app_label = "records"
