"""Two rulesets that differ in their models alone, to see what models cost.

`python -m tests.thirty_features FOLDER` writes `FOLDER/thirty_features`, the rules of `default`
with the sixteen features of the catalogue and fourteen declared ones, and `FOLDER/with_models`, the
same with 200 boosted trees of 31 leaves and an isolation forest of 100 trees, both of all thirty.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import yaml

from risk.engine.features.catalogue import NAMES as CATALOGUE
from risk.paths import ROOT, RULES
from tests import grown_models

PLAIN, WITH_MODELS = "thirty_features", "with_models"
FEATURES = ROOT / "docs" / "examples" / "sixty_features" / "features"
DECLARED = {"card": 5, "merchant": 5, "user_category": 4}  # so many of each file
HEAD = """\
name: {name}
version: 1
description: {about}.
extends: default
"""


def write(folder: Path) -> tuple[Path, Path]:
    """The two folders, without and with models, and beside them that of the default ruleset."""
    shutil.copytree(RULES / "default", folder / "default", dirs_exist_ok=True)
    plain, modelled = folder / PLAIN, folder / WITH_MODELS
    abouts = "Default, and fourteen features", "The same, and two models of thirty features"
    names = [*CATALOGUE]
    for own, about in zip((plain, modelled), abouts, strict=True):
        (own / "features").mkdir(parents=True, exist_ok=True)
        (own / "ruleset.yaml").write_text(HEAD.format(name=own.name, about=about))
        for part, count in DECLARED.items():
            every = yaml.safe_load((FEATURES / f"{part}.yaml").read_text())
            some = dict(list(every.items())[:count])
            (own / "features" / f"{part}.yaml").write_text(yaml.safe_dump(some, sort_keys=False))
            names += some if own is modelled else ()
    grown_models.add(modelled, names, grown_models.FULL)
    return plain, modelled


if __name__ == "__main__":
    print(*write(Path(sys.argv[1])), sep="\n")
