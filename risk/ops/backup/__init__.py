"""What has to outlive the servers, as files: all topics, and what only Postgres has."""
