"""Which names of parameters speak of a tenant."""

import re

_TENANT = re.compile(
    r"^(?:workspace|org|organi[sz]ation|tenant|team|company|account|community|club|group|project)(?:_?id|_?slug|Id|Slug)?$"
)


def names_a_tenant(name: str) -> bool:
    """Whether a parameter is called after one: ``workspace_id``, ``orgSlug``."""
    return _TENANT.match(name) is not None


def tenant_parameter(path: str) -> str:
    """The path parameter that names a tenant, such as ``workspace_id``, or an empty string."""
    return next((name for name in re.findall(r"\{([\w]+)", path) if names_a_tenant(name)), "")
