"""Those of Flink's own metrics that dashboards and alerts read, as its reporter exports them.

Each was seen on a running job: Flink has no list to check a name against, and a dashboard that asks
for a name which doesn't exist stays empty without a word.
"""

from __future__ import annotations

from typing import Final

_JOB: Final = "flink_jobmanager_job_"
_TASK: Final = "flink_taskmanager_job_task_"
_OPERATOR: Final = f"{_TASK}operator_"

RESTARTS: Final = f"{_JOB}numRestarts"
UPTIME_MS: Final = f"{_JOB}uptime"
CHECKPOINT_MS: Final = f"{_JOB}lastCheckpointDuration"
CHECKPOINT_BYTES: Final = f"{_JOB}lastCheckpointSize"
CHECKPOINT_FULL_BYTES: Final = f"{_JOB}lastCheckpointFullSize"
CHECKPOINTS_COMPLETED: Final = f"{_JOB}numberOfCompletedCheckpoints"
CHECKPOINTS_FAILED: Final = f"{_JOB}numberOfFailedCheckpoints"

BUSY_MS: Final = f"{_TASK}busyTimeMsPerSecond"
BACKPRESSURED_MS: Final = f"{_TASK}backPressuredTimeMsPerSecond"
IDLE_MS: Final = f"{_TASK}idleTimeMsPerSecond"

PENDING_RECORDS: Final = f"{_OPERATOR}pendingRecords"
ROCKSDB_LIVE_BYTES: Final = f"{_OPERATOR}shard_rocksdb_estimate_live_data_size"

TASKMANAGER_HEAP_BYTES: Final = "flink_taskmanager_Status_JVM_Memory_Heap_Used"
TASKMANAGER_CPU_NS: Final = "flink_taskmanager_Status_JVM_CPU_Time"
JOBMANAGER_HEAP_BYTES: Final = "flink_jobmanager_Status_JVM_Memory_Heap_Used"

ALL: Final = (
    *(RESTARTS, UPTIME_MS, CHECKPOINT_MS, CHECKPOINT_BYTES, CHECKPOINT_FULL_BYTES),
    *(CHECKPOINTS_COMPLETED, CHECKPOINTS_FAILED, BUSY_MS, BACKPRESSURED_MS, IDLE_MS),
    *(PENDING_RECORDS, ROCKSDB_LIVE_BYTES, TASKMANAGER_HEAP_BYTES, TASKMANAGER_CPU_NS),
    JOBMANAGER_HEAP_BYTES,
)
