"""What happens on the way to a store: the proxy in front of it lets it."""

from __future__ import annotations

from typing import cast

from risk.errors import UserError
from risk.verify.chaos.plan import Action
from risk.verify.chaos.proxy import Mode
from risk.verify.chaos.testbed import Span, Testbed


def network(testbed: Testbed, action: Action) -> Span:
    """The kind is the proxy's mode and "-store". Connections that died half-way stay dead."""
    proxy = testbed.proxies.get(action.target)
    if proxy is None:
        raise UserError(f"{action.kind}: {action.target} is reached without a proxy")
    mode = cast("Mode", action.kind.removesuffix("-store"))
    return testbed.for_a_while(
        lambda: proxy.become(mode), lambda: proxy.become("pass"), action.seconds
    )
