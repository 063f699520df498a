"""What is done with cases: queue, steps, notes, verdicts, and the intake of alerts.

An operation takes the settings, or a cursor whose transaction it becomes a part of, and who acts.
What it refuses it raises as a `Refusal` with a code.
"""
