"""The stores, each in a folder: `registry` says which there are, `store` what they can do."""
