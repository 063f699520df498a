"""The accounts when all is over: what the broker acknowledged, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from risk.kafka.scan import read_all
from risk.verify.chaos.accounts import SHOWN
from risk.verify.chaos.journal import Acknowledged, checksum, lost
from risk.verify.chaos.testbed import Testbed
from risk.verify.coverage import of_ruleset
from risk.verify.soak import counting
from risk.verify.soak.load import Load
from risk.verify.soak.report import Accounts
from risk.verify.verification import verify

# Of one user, the oracle takes some 20 s for so many.
ORACLE_OF_ONE = 4_000
SETTLE_S = 120.0  # for the last payments to settle, and corrections to reach the stores


def account(
    testbed: Testbed,
    load: Load,
    noted: Sequence[Acknowledged],
    behind: Mapping[str, int],
    rate: float,
    drained_s: float | None,
) -> tuple[Accounts, list[str]]:
    """The accounts, and what is wrong in words. `noted` is what was acknowledged, `rate` how fast.

    Raises `UserError` if something can't be read.
    """
    settings = testbed.settings
    there = {
        (message.partition() or 0, message.offset() or 0): checksum(message.value())
        for message in read_all(settings, settings.topics.transactions)
    }
    wrong = lost(noted, there)[:SHOWN]
    wrong += [f"{job} lags by {left:,} records" for job, left in behind.items() if left]
    made = Accounts(
        by="the oracle",
        acknowledged=len(noted),
        rate=rate,
        in_topic=len(there),
        lag=dict(behind),
        drained_s=drained_s,
    )
    if load.kind == "one-user" and load.payments > ORACLE_OF_ONE:
        counted = counting.count(settings)
        missing = counting.problems(counted)
        return replace(
            made,
            by="counting",
            scored=counted.scored,
            late=counted.late,
            rejected=counted.rejected,
            rows=counted.rows,
        ), [*wrong, *missing]
    ruleset, scope = of_ruleset(settings, testbed.home, None)
    found = verify(settings, ruleset, None, SETTLE_S, scope)
    wrong += found.first
    if found.mismatches:
        wrong.append(f"{found.mismatches:,} mismatches with the oracle")
    if found.events != len(there):
        wrong.append(f"{len(there):,} are in the topic, and {found.events:,} were consumed")
    return replace(
        made,
        scored=found.scored,
        late=found.late,
        rejected=found.rejected,
        duplicate=found.duplicate,
        mismatches=found.mismatches,
        rows={name: store.rows for name, store in found.stores.items()},
    ), wrong
