"""The page that analysts work in, and the HTTP API: asks `risk.ops` and shows."""
