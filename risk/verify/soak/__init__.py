"""Long runs, and heavy ones: whether memory, handles, state and lag stay where they are."""
