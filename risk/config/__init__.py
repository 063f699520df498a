"""The settings, a section a file, and the names of all metrics. Pure: `settings` parses."""
