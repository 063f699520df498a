"""What each kind of fault does to the servers."""
