"""The same features and score on other Python streaming frameworks."""
