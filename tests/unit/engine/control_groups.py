"""A ruleset that blocks every payment of 10 minor units or more, and releases some of them."""

from __future__ import annotations

from risk.engine.rules import Ruleset, load

HEAD = """\
name: trial
version: 4
description: A trial.
thresholds: {review: 50, block: 80}
"""
RULE = """\
id: large
version: 1
description: Ten or more.
points: 90
when: amount >= 10
reason: "{amount}"
tests:
  - {name: ten, hit: true, given: {amount: 10}}
  - {name: nine, hit: false, given: {amount: 9}}
"""
FEATURES = """\
user_payments_1d:
  key: user_id
  window: 1d
  value: count
  about: payments of a day
  tests:
    - {name: one, payments: [{amount: 40}], value: 1}
user_spent_1d:
  key: [user_id, currency]
  window: 1d
  value: sum(amount)
  about: what they come to
  tests:
    - {name: one, payments: [{amount: 40}], value: 40}
"""
CONTROL = """\
share: 50
salt: "2026-12"
amount: {EUR: 150, JPY: 900, KWD: 0.005}
daily: {user_payments_1d: 3, user_spent_1d: 20000}
tests:
  - {name: just 150 euros, hit: true, given: {amount: 15000}}
  - {name: a cent more, hit: false, given: {amount: 15001}}
"""
FILES = {
    "ruleset.yaml": HEAD,
    "large.yaml": RULE,
    "features/days.yaml": FEATURES,
    "control_group.yaml": CONTROL,
}


def loaded(control: str = CONTROL, **files: str) -> Ruleset:
    """The ruleset with this control group, and other files in place of its own."""
    return load(FILES | {"control_group.yaml": control} | files, "rules/trial")


def without() -> Ruleset:
    """The same, releasing nothing."""
    return load({path: text for path, text in FILES.items() if path != "control_group.yaml"})
