"""What `risk demo --learn` is made of."""
