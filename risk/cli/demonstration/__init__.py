"""What `risk demo` is made of."""
