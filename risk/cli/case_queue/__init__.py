"""What `risk case` and `risk alerts` share: filters as options, cases as tables."""
