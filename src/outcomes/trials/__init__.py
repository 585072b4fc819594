"""Published trials: the facts as they were reported, and what cannot be true of them."""
