"""The benchmark suite of dynamic music emotion recognition."""
