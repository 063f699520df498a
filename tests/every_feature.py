"""A ruleset that declares a feature of every kind of value over every span.

`python -m tests.every_feature FOLDER` writes it, and with `--models` one that has two models of
all these features as well, `FOLDER/every_feature` in either case.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from risk.engine.features.catalogue import NAMES as CATALOGUE
from risk.engine.features.kinds import KINDS
from risk.engine.models.inputs import FIELDS
from risk.engine.rules.declaration import OF_VERDICTS
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from tests import grown_models

NAME = "every_feature"
HEAD = f"""\
name: {NAME}
version: 1
description: Default, and a feature of every kind.
extends: default
"""
RULE = """\
id: busy_merchant
version: 1
description: A merchant that many pay at once.
points: 5
when: merchant_id_count_window > 3 and country_distinct_steps >= 2
reason: "{merchant_id_count_window} payments, {country_distinct_steps} users"
tests:
  - {name: busy, hit: true, given: {merchant_id_count_window: 9, country_distinct_steps: 2}}
  - {name: calm, hit: false, given: {}}
"""
SPANS = {
    "window": "window: 5m",
    "steps": "window: 2h\n  step: 10m",
    "session": "session: 20m",
}
KEYS = {"window": "merchant_id", "steps": "country", "session": "[user_id, currency]"}
OF = {"nothing": "", "number": "(amount)", "anything": "(user_id)"}
CONDITIONS = ("", "\n  where: amount_major > 20", '\n  where: channel in ["web", "app"]')


VERDICTS = ('verdict == "fraud"', 'verdict != "fraud" and amount_major > 20')


def write(folder: Path, models: bool = False) -> Path:
    """The ruleset's folder, and beside it that of the default one."""
    shutil.copytree(RULES / "default", folder / "default", dirs_exist_ok=True)
    own = folder / NAME
    (own / "features").mkdir(parents=True, exist_ok=True)
    (own / "ruleset.yaml").write_text(HEAD)
    (own / "busy_merchant.yaml").write_text(RULE)
    (own / "features" / "every.yaml").write_text("".join(_features()))
    (own / "features" / "verdicts.yaml").write_text("".join(_of_verdicts()))
    if models:
        declared = [one.name for one in read_folder(own).features]
        grown_models.add(own, [*declared, *CATALOGUE, *FIELDS])
    return own


def _features() -> Iterator[str]:
    for number, (value, kind) in enumerate(KINDS.items()):
        for span in kind.spans:
            key, where = KEYS[span], CONDITIONS[number % len(CONDITIONS)]
            name = f"{key.strip('[]').replace(', ', '_')}_{value}_{span}"
            first = "0"
            if kind.type == "bool":
                first = "false"
            elif value in ("count", "distinct"):
                first = "1"
            elif value == "since":
                first = "300"
            yield (
                f"{name}:\n  key: {key}\n  {SPANS[span]}\n  value: {value}{OF[kind.needs]}{where}\n"
                f"  about: {value} over {span}\n  tests:\n    - name: neutral\n"
                f"      payments: [{{amount: 0, channel: pos}}]\n      value: {first}\n"
            )


def _of_verdicts() -> Iterator[str]:
    for span, values in OF_VERDICTS.items():
        for number, value in enumerate(values):
            key, where = KEYS[span], VERDICTS[number % len(VERDICTS)]
            yield (
                f"{key}_{value}_verdicts_{span}:\n  key: {key}\n  {SPANS[span]}\n"
                f"  value: {value}{OF[KINDS[value].needs]}\n  where: {where}\n"
                f"  about: {value} of verdicts over {span}\n  tests:\n    - name: neutral\n"
                "      payments: [{verdict: fraud}, {at: 1s}]\n      value: 0\n"
            )


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if one != "--models"]
    print(write(Path(arguments[0]), "--models" in sys.argv))
