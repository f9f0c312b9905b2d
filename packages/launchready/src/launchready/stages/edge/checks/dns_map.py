"""LR411: every name of the domain leads somewhere that is yours."""

import asyncio

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge, Name

_USUAL = ("www", "app", "api", "admin", "docs")


async def run(context: Context) -> Result:
    """Ask for the root, the usual subdomains and every host configured; the answers are the DNS map."""
    edge, root = context.get(Edge), context.project.domains.root
    hosts = dict.fromkeys((root, *(f"{name}.{root}" for name in _USUAL), *edge.hosts))
    findings, gaps, notes = [], [], []
    for name in await asyncio.gather(*(edge.name(host) for host in hosts)):
        if name.failed:
            said = f"the nameserver did not answer for {name.host}: {name.failed}"
            gaps.append(Gap(name.host, said, "a nameserver that answers"))
            continue
        if name.gone:
            findings.append(_dangling(name))
        elif not name.addresses and (name.alias or name.host == root or name.host in edge.hosts):
            findings.append(_nowhere(name, listed=name.host in context.project.domains.hosts))
        if name.exists:
            notes.append(name.said)
    return Result(len(hosts) - len(gaps), tuple(findings), tuple(gaps), notes=tuple(notes))


def _dangling(name: Name) -> Finding:
    return Finding(
        "LR411",
        name.host,
        f"Somebody else could take over {name.host}: it points to {name.alias}, which is gone",
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.REPUTATION,
        ("EDGE-1",),
        "Whoever registers that name at the provider serves pages under your domain, and can ask members for their passwords there.",
        (Evidence("dns", f"CNAME {name.host}", f"{name.alias}: no such name"),),
        f"dig {name.host}",
        "Delete the record, or point it to a host that is yours.",
        0.5,
    )


def _nowhere(name: Name, *, listed: bool) -> Finding:
    return Finding(
        "LR411",
        name.host,
        f"Customers who type {name.host} reach nothing",
        Severity.HIGH if listed else Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.AVAILABILITY,
        ("EDGE-1",),
        "launchready.toml lists this host, and DNS has no address for it."
        if listed
        else "DNS has no address for it, and people type it or follow old links to it.",
        (Evidence("dns", f"A and AAAA {name.host}", name.said),),
        f"dig {name.host}",
        "Add an A, AAAA or CNAME record that leads to the app or to a redirect, or take the name out everywhere.",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR411",
        "Every name of the domain leads somewhere that is yours",
        Stage.EDGE,
        ("EDGE-1", "HAND-2"),
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.REPUTATION,
        ("EDGE-1",),
    ),
    run,
)
