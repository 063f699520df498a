"""The benchmarks of `risk bench`: their arguments, and how their results are shown."""
