"""The stores' writers, each under the contract of `risk.engine.delivery`."""
