"""Alerts as they come: read once for all browsers, kept for a while, told of as they change."""
