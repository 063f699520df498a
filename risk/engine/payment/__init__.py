"""A payment: its members, and how any byte string becomes one or a reason why not."""
