"""What Kibana shows: the saved objects and their source."""
