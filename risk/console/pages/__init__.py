"""Pages that are a file each."""
