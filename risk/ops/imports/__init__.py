"""History in: payments and labels from a file, by a map that says which column is what."""
