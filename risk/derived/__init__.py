"""What is made from the catalogue of features: files that others read, and that nobody edits."""
