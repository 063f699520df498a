"""The streams of a proof, and their way into Kafka."""

from __future__ import annotations

from collections.abc import Iterable

from generator.config import StreamConfig
from generator.publish import Publisher, Unreachable
from generator.record import Record
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config

SKEW_S = 25.0
SILENCE_S = 45.0  # longer than a partition may be silent, and than the lateness
HOUR_S = 3_600.0
SPAN_S = 9 * HOUR_S  # a tenth of it outlasts a device's session and what follows it: 40 min


def disordered(
    events: int, seed: int, rate: float, start_time: int, partitions: int
) -> StreamConfig:
    """As much disorder as there may be.

    Partitions that lag, and one that is silent for a while; hot addresses, few users; clocks ahead,
    ids that several users use, copies that come when their payment is forgotten; payments without
    some of their fields, and with attributes.
    """
    return StreamConfig(
        start_time=start_time,
        seed=seed,
        rate=rate,
        duration_s=events / rate,
        users=max(500, events // 10),
        skew_s=SKEW_S,
        partitions=partitions,
        hot_ips=5,
        hot_share=0.25,
        out_of_order=0.1,
        duplicates=0.03,
        malformed=0.01,
        late=0.01,
        attack_share=0.1,
        open_share=0.1,
        ahead=0.01,
        shared_ids=0.01,
        retries=0.01,
        silence_s=SILENCE_S,
    )


def long(events: int, seed: int, end_time: int, partitions: int) -> StreamConfig:
    """As many events over hours, at one rate and by the same users from the first to the last."""
    return StreamConfig(
        start_time=end_time - int(SPAN_S * 1_000),
        seed=seed,
        rate=events / SPAN_S,
        duration_s=SPAN_S,
        users=max(100, events // 100),
        skew_s=SKEW_S,
        partitions=partitions,
        hot_ips=5,
        hot_share=0.25,
        out_of_order=0.1,
        duplicates=0.03,
        malformed=0.01,
        late=0.01,
    )


def publish(run_settings: Settings, records: Iterable[Record], paced: bool) -> float:
    """Publish records; by how many seconds it was behind its pace at most. Raises `UserError`."""
    publisher = Publisher(run_settings, client_config(run_settings.kafka), lambda: None)
    try:
        publisher.run(records, paced)
    except Unreachable as error:
        raise UserError(f"{error} at {run_settings.kafka.servers}") from None
    if publisher.tally.errors:
        raise UserError(f"{publisher.tally.errors} records: {publisher.tally.first_error}")
    return publisher.tally.most_behind_s
