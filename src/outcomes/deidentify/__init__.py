"""A clinic's export -> session records without names, numbers or dates, and an account of what became of every row."""
