"""Tells other systems of cases: webhooks, Slack, PagerDuty; at least once, messages have ids."""
