"""`risk audit`: the query language, the search, and all that is known about one event."""
