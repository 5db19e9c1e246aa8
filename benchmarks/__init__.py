"""Scripts that print ratios of one run; nothing here is a test."""
