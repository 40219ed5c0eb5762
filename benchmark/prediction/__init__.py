"""From trained models to curves of any music."""
