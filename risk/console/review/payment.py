"""What is known around a payment of a case, in parts that a page asks for by themselves."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console import masking
from risk.console.review.acting import case_of, refusing
from risk.console.review.case import chosen
from risk.console.review.shown import key_of
from risk.console.review.strip import strip
from risk.console.site import Site, site
from risk.engine.delivery import Unavailable
from risk.engine.messages import MaskedTransaction
from risk.engine.rules import Ruleset
from risk.ops.payments import related as sharing
from risk.ops.payments import timeline as past
from risk.ops.payments.verdicts import spoken
from risk.registry.cases.records import CaseAlert
from risk.registry.cases.verdicts import of_payment
from risk.verify.explained.again import Again, Stored, again
from risk.verify.explained.changes import changes
from risk.verify.explained.words import change_in_words, meaning, value_in_words
from risk.verify.payment_proof import prove
from sinks.feedback.read import history
from sinks.found import Scored
from sinks.postgres.event import find

FEATURES_FIRST: Final = ("user_count_5m", "user_amount_ratio", "ip_users_2m")


@refusing
def explanation(request: Request) -> Response:
    """What moved the score, and what would have changed it; the same payment under each ruleset."""
    own, alert = site(request), chosen(request)[0]
    scores, txn = _scores(own, alert), msgspec.convert(alert.payment, MaskedTransaction)
    score = next((one for one in scores if _is_of(one, alert)), None)
    ruleset = own.rulesets.get(alert.ruleset, alert.ruleset_version)
    values: dict[str, Any] = {"scores": scores, "score": score, "models": {}, "changes": None}
    values["about"] = partial(meaning, declared=_declared(ruleset))
    if score is not None and ruleset is not None:
        values |= _explained(again(ruleset, _stored(alert, score, txn)), score)
    return own.page(request, "cases/explanation.html", alert=alert, **values)


@refusing
def timeline(request: Request) -> Response:
    """The user's payments before this one and shortly after it, with features as they were."""
    own, alert = site(request), chosen(request)[0]
    with own.pool.session() as cursor:
        found = past.around(cursor, alert.user_id, alert.event_time)
    ruleset = own.rulesets.get(alert.ruleset, alert.ruleset_version)
    limits = (ruleset.review, ruleset.block) if ruleset else None
    told = [one.features for one in found]
    names = [name for name in FEATURES_FIRST if any(name in one for one in told)]
    return own.page(
        request,
        "cases/timeline.html",
        alert=alert,
        payments=found,
        strip=strip(found, alert.event_time),
        limits=limits,
        names=names,
        meanings={name: meaning(name, _declared(ruleset)) for name in names},
        told=value_in_words,
    )


@refusing
def related(request: Request) -> Response:
    """Other payments by device, address, card and merchant."""
    own, alert = site(request), chosen(request)[0]
    txn = msgspec.convert(alert.payment, MaskedTransaction)
    masked, problem = masking.masked(txn, own.masks), ""
    found: list[sharing.Shared] = []
    try:
        identity = alert.event_id, alert.user_id, alert.event_time
        found = sharing.sharing(own.settings, identity, txn)
    except Unavailable:
        problem = "Elasticsearch is away: what shares something with this payment can't be found."
    values = {one.field: getattr(masked, one.field) or own.masks.mark for one in found}
    return own.page(
        request, "cases/related.html", found=found, values=values, problem=problem, alert=alert
    )


@refusing
def verdicts(request: Request) -> Response:
    """Who said what of the payment, and what became of it."""
    own, alert = site(request), chosen(request)[0]
    txn = msgspec.convert(alert.payment, MaskedTransaction)
    identity = alert.event_id, alert.user_id, alert.event_time
    with own.pool.session() as cursor:
        given = of_payment(cursor, *identity)
    told = [
        one
        for one in history(own.settings, alert.event_id, alert.user_id)
        if one.feedback.payment == identity
    ]
    found = [
        one._replace(note=masking.note(one.note, txn, own.masks)) for one in spoken(told, given)
    ]
    return own.page(request, "cases/verdicts.html", alert=alert, key=key_of(alert), found=found)


@refusing
def begin_proof(request: Request) -> Response:
    """Start to compute the score again, in the background."""
    own, alert = site(request), chosen(request)[0]
    score = next((one for one in _scores(own, alert) if _is_of(one, alert)), None)
    ruleset = own.rulesets.get(alert.ruleset, alert.ruleset_version)
    if score is None or ruleset is None:
        raise HTTPException(404, "Postgres has no score of it yet, or not the ruleset.")
    stored = _stored(alert, score, msgspec.convert(alert.payment, MaskedTransaction))
    name = own.proofs.begin(partial(prove, own.settings, ruleset, stored, score))
    if name is None:
        raise HTTPException(409, "Two proofs run already. Wait until one is done.")
    return _progress(request, name)


def proof(request: Request) -> Response:
    """How far a proof is, or what came of it."""
    return _progress(request, request.path_params["proof"])


def _progress(request: Request, name: str) -> Response:
    own = site(request)
    work = own.proofs.get(name)
    if work is None:
        raise HTTPException(404, "This proof is forgotten. Begin it again.")
    key = request.path_params["key"]
    base = f"/cases/{case_of(request)}/payments/{key}"
    return own.page(request, "cases/proof.html", work=work, name=name, base=base)


def _scores(own: Site, alert: CaseAlert) -> list[Scored]:
    """Its scores in Postgres, those of live runs first."""
    found = find(own.settings, alert.event_id, alert.user_id).scores
    mine = [one for one in found if one.event_time == alert.event_time]
    return sorted(mine, key=lambda one: (one.kind != "live", one.ruleset, one.ruleset_version))


def _is_of(score: Scored, alert: CaseAlert) -> bool:
    return (score.ruleset, score.ruleset_version) == (alert.ruleset, alert.ruleset_version)


def _stored(alert: CaseAlert, score: Scored, txn: MaskedTransaction) -> Stored:
    return Stored(alert.event_id, alert.user_id, alert.event_time, txn, score.features, score.late)


def _explained(one: Again, score: Scored) -> dict[str, Any]:
    outcome, declared = one.outcome(), _declared(one.ruleset)
    models = outcome.models or {}
    widest = max((abs(c.points) for m in models.values() for c in m.contributions), default=1)
    return {
        "agrees": (outcome.score, outcome.decision) == (score.score, score.decision),
        "again": outcome,
        "models": models,
        "widest": max(widest, 1),
        "meanings": {
            c.input: meaning(c.input, declared) for m in models.values() for c in m.contributions
        },
        "told": value_in_words,
        "changes": [
            (change_in_words(c.feature, c.was, c.value, declared, one.txn.currency), c)
            for c in changes(one)
        ],
    }


def _declared(ruleset: Ruleset | None) -> dict[str, str]:
    return {one.name: one.about for one in ruleset.features} if ruleset else {}
