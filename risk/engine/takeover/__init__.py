"""How one scoring job takes over from another while both run: who decides what, and who follows."""
