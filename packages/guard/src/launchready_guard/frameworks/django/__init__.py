"""The guard as a Django middleware: ``MIDDLEWARE`` names ``launchready_guard.frameworks.django.GuardMiddleware``, ``INSTALLED_APPS`` this module.

The app makes ``manage.py check`` name the routes that nobody reviewed; the middleware keeps the project from serving them.
"""

from launchready_guard.frameworks.django.middleware import GuardMiddleware

__all__ = ["GuardMiddleware"]
