"""What is done to a running engine: submit, stop, replay, promote, rebuild, send again."""
