"""The page of `risk soak`: every series as a line, in one file that needs nothing else."""
