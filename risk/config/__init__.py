"""The sections of the settings, one a file. `risk.settings` has them all."""
