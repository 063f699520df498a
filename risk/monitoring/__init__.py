"""What watches the project: an exporter, and the sources of the dashboards."""
