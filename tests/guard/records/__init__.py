"""A Django app with records of workspaces."""
