"""Lag, checkpoints and load: whether the jobs keep up, and why not."""

from __future__ import annotations

from risk.config import flink_metric_names as flink
from risk.config import metric_names as names
from risk.config import names as own
from risk.dashboards.grafana.panels import Dashboard, Panel
from risk.dashboards.grafana.queries import RANGE, per_second, select, total

GROUPS = f'=~"{own.GROUPS}.*"'
TASK = "{{job_name}}: {{task}}"


def by_task(expression: str) -> str:
    """The busiest subtask of each task, whose name is cut to that of its first operator."""
    first = r"(Source: \\w+|[^ \\[]+).*"
    short = f'label_replace({expression}, "task", "$1", "task_name", "{first}")'
    return f"max by (job_name, task) ({short})"


FLOW = Dashboard(
    "risk-flow",
    "Risk / Lag and checkpoints",
    "Do the jobs keep up, and if not, what holds them?",
    (
        Panel(
            "Lag by group",
            "Records that a group has not committed yet. Groups commit with each checkpoint.",
            [("risk:lag:sum", "{{consumergroup}}")],
        ),
        Panel(
            "Lag by partition",
            "One that grows alone is a hot partition.",
            [
                (
                    select(names.GROUP_LAG, consumergroup=GROUPS),
                    "{{consumergroup}} {{topic}}/{{partition}}",
                )
            ],
        ),
        Panel(
            "Records in, by topic",
            "What producers append.",
            [(per_second(names.TOPIC_OFFSET, "topic"), "{{topic}}")],
            "reqps",
        ),
        Panel(
            "Records taken, by group",
            "What groups commit.",
            [(per_second(names.GROUP_OFFSET, "consumergroup"), "{{consumergroup}}")],
            "reqps",
        ),
        Panel(
            "Records by partition and shard",
            "Skew: how evenly the work is spread.",
            [
                (
                    per_second(names.PARTITION_RECORDS, "shard", "partition"),
                    "shard {{shard}}, partition {{partition}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Records that the source still has to fetch",
            "Flink's own view of the lag, without waiting for a checkpoint.",
            [(total(flink.PENDING_RECORDS, "job_name"), "{{job_name}}")],
        ),
        Panel(
            "Frontier behind the clock",
            "Event time that has not settled yet: 30 s is the least, by the bound for late events.",
            [("time() - risk:frontier_timestamp_seconds:min > 0", "{{job_name}}")],
            "s",
        ),
        Panel(
            "What stages hold",
            "Keys and batches; it grows with active keys, and not with the stream's age.",
            [
                (
                    total(select(names.STATE_ENTRIES), "stage", "state"),
                    "{{stage}}: {{state}}",
                )
            ],
        ),
        Panel(
            "Checkpoint duration",
            "Of the last one.",
            [(flink.CHECKPOINT_MS, "{{job_name}}")],
            "ms",
        ),
        Panel(
            "Checkpoint size",
            "Of the whole state, and of what the last one had to write.",
            [
                (flink.CHECKPOINT_FULL_BYTES, "{{job_name}}, all"),
                (flink.CHECKPOINT_BYTES, "{{job_name}}, new"),
            ],
            "bytes",
        ),
        Panel(
            "Checkpoints in 5 minutes",
            "Completed and failed.",
            [
                (f"increase({flink.CHECKPOINTS_COMPLETED}[5m])", "{{job_name}}, completed"),
                (f"increase({flink.CHECKPOINTS_FAILED}[5m])", "{{job_name}}, failed"),
            ],
        ),
        Panel(
            "Restarts",
            "Of a job since it was submitted.",
            [(flink.RESTARTS, "{{job_name}}")],
        ),
        Panel(
            "Busy",
            "Share of the time that a task works; at 100 % it is the limit.",
            [(f"{by_task(flink.BUSY_MS)} / 1000", TASK)],
            "percentunit",
        ),
        Panel(
            "Backpressured",
            "Share of the time that a task waits for the next one to take its output.",
            [(f"{by_task(flink.BACKPRESSURED_MS)} / 1000", TASK)],
            "percentunit",
        ),
        Panel(
            "State in RocksDB",
            "Live data, by job.",
            [(total(flink.ROCKSDB_LIVE_BYTES, "job_name"), "{{job_name}}")],
            "bytes",
        ),
        Panel(
            "Heap in use",
            "Of each Flink process.",
            [
                (flink.TASKMANAGER_HEAP_BYTES, "{{tm_id}}"),
                (flink.JOBMANAGER_HEAP_BYTES, "JobManager"),
            ],
            "bytes",
        ),
        Panel(
            "Processor",
            "Of each TaskManager: 100 % is a core.",
            [(f"rate({flink.TASKMANAGER_CPU_NS}[{RANGE}]) / 1e9", "{{tm_id}}")],
            "percentunit",
        ),
        Panel(
            "Room on the disk",
            "That holds the data folder.",
            [
                (select(names.DISK_FREE), "{{path}}, free"),
                (select(names.DISK_SIZE), "{{path}}, size"),
            ],
            "bytes",
        ),
        Panel(
            "Memory left",
            "Of the machine that the exporter runs on, or of its container, if that may take less.",
            [
                (select(names.MEMORY_AVAILABLE), "{{instance}}, available"),
                (select(names.MEMORY_SIZE), "{{instance}}, size"),
            ],
            "bytes",
        ),
    ),
)
