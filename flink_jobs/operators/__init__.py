"""The operators: they load, call and store; what is computed is in risk/."""
