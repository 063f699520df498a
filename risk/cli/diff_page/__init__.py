"""A comparison as one page: values to show are computed here, the markup is in `templates/`."""
