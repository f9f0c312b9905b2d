"""Reads the routes an app has mounted, in the framework's own words."""
