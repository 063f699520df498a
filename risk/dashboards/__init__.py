"""The sources of the dashboards; the files are in docker/."""
