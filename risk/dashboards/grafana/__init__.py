"""Grafana: its data source, and the dashboards with their source."""
