"""The stores' writers, each under the contract of `risk.delivery`."""
