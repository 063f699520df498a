"""`risk model …`: one module an action, with `add`."""
