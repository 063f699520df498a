"""The files of a ruleset's folder into a `Ruleset`, or every fault found in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from risk.engine.payment.contract import Contract
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.controlfile import CONTROL, read_control_group
from risk.engine.rules.declaration import own_features
from risk.engine.rules.declared import FILE, check_require, read_attributes
from risk.engine.rules.document import Document
from risk.engine.rules.errors import InvalidRuleset, RuleError
from risk.engine.rules.featurefile import Found, read_features
from risk.engine.rules.head import HEAD, add_list, read_head
from risk.engine.rules.modelfile import read_models
from risk.engine.rules.names import kinds
from risk.engine.rules.rolloutfile import ROLLOUT, read_rollouts
from risk.engine.rules.rulefile import WORD, rule
from risk.engine.rules.ruleset import Rule, Ruleset, asked_models, fingerprint

LIST_FILE: Final = re.compile(rf"lists/({WORD})\.yaml")
FEATURE_FILE: Final = re.compile(rf"features/({WORD})\.yaml")
_RULE_FILE = re.compile(rf"({WORD})\.yaml")
_FILES: Final = (LIST_FILE, FEATURE_FILE, _RULE_FILE)
_NAMED: Final = (HEAD, FILE, ROLLOUT, CONTROL)
NOWHERE: Final[Mapping[str, str]] = MappingProxyType({})


def load(
    files: Mapping[str, str],
    folder: str = "",
    places: Mapping[str, str] = NOWHERE,
    faults: Iterable[RuleError] = (),
) -> Ruleset:
    """The ruleset of these files: relative path (`ruleset.yaml`, `lists/x.yaml`, `attributes.yaml`,
    `models/x.json`, `models/rollout.yaml`, `control_group.yaml`, `<rule>.yaml`) → text.

    Files of other kinds are left alone. `folder` stands before the paths in messages, and its last
    part has to be the ruleset's name. Files that are another folder's have their names in messages
    in `places`; `faults` are those that were found before, in heads. Raises `InvalidRuleset` with
    every fault of every file.
    """
    prefix = folder.rstrip("/") + "/" if folder else ""
    errors = list(faults)
    documents: dict[str, Document] = {}
    for path, text in sorted(files.items()):
        if not path.endswith((".yaml", ".yml")):
            continue
        documents[path] = Document(places.get(path, prefix + path), text)
        if path not in _NAMED and not any(one.fullmatch(path) for one in _FILES):
            wrong = (
                "a rule is <id>.yaml, a list is lists/<name>.yaml, features are "
                "features/<name>.yaml"
            )
            documents[path].fault(None, wrong)
            documents[path].root = None
    if HEAD not in documents:
        raise InvalidRuleset([RuleError(prefix + HEAD, 1, 1, "a ruleset has this file")])
    document = documents.pop(HEAD)
    head = read_head(document, folder)
    if "extends" in head.places:
        document.fault(head.places["extends"], "what it extends has to be read as well")
    declaring, releasing = documents.pop(FILE, None), documents.pop(CONTROL, None)
    attributes = read_attributes(declaring) if declaring else {}
    check_require(document, head.require, attributes)
    errors += document.errors if not errors else ()  # else of a stand-in for what was faulty
    lists = head.lists
    for path, document in documents.items():
        if match := LIST_FILE.fullmatch(path):
            add_list(lists, match[1], document, document.root, None)
    if declaring:
        for both in sorted(lists.keys() & attributes.keys()):
            declaring.fault(None, f"{both} is a list, too: call one of them otherwise")
        errors += declaring.errors
    features: dict[str, Found] = {}
    known = dict(kinds(attributes))
    others = len(known)
    for path, document in documents.items():
        if FEATURE_FILE.fullmatch(path):
            found_here, own_kinds = read_features(document, path, lists, features, attributes)
            features |= found_here
            known |= own_kinds
    measured = tuple(found.declaration for _, found in sorted(features.items()))
    names = {path: places.get(path, prefix + path) for path in files}
    complete = len(measured) == len(known) - others
    models = read_models(files, names, measured, complete)
    errors += models.errors
    challenged = documents.get(ROLLOUT)
    rollouts = read_rollouts(challenged, models.functions) if challenged else {}
    control = None
    if releasing:
        control = read_control_group(releasing, measured, complete, known, models.functions)
        errors += releasing.errors
    rules: list[Rule] = []
    for path, document in documents.items():
        if (match := _RULE_FILE.fullmatch(path)) and document.root:
            found = rule(document, match[1], lists, known, attributes, models.functions)
            rules += [found] if found else []
        errors += document.errors
    if not any(_RULE_FILE.fullmatch(path) for path in documents):
        errors.append(RuleError(prefix + HEAD, 1, 1, "the ruleset has no rules: add <id>.yaml"))
    name, version, description, review, block, *_ = head
    if errors or not (name and version and description and review and block):
        raise InvalidRuleset(errors)
    ordered = tuple(sorted(rules, key=lambda rule: (-rule.points, rule.id)))
    require = tuple(head.require)
    mark = fingerprint(
        *(name, version, (review, block), ordered, lists, attributes, require, measured),
        models.models,
        rollouts,
        control and control.release,
    )
    hits = compile_rules([rule.when for rule in ordered], lists, attributes)
    declared = {name: attribute.kind for name, attribute in attributes.items()}
    contract = Contract(f"{name}:{version}", declared, require, frozenset(declared))
    return Ruleset(
        *(name, version, description, review, block, ordered, lists, hits, mark),
        attributes,
        contract,
        measured,
        tuple((found.declaration, found.cases) for _, found in sorted(features.items())),
        own_features(measured),
        models.models,
        rollouts,
        asked_models(models.models, rollouts, ordered),
        control and control.release,
        control.cases if control else (),
    )
