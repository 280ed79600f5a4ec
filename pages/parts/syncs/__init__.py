"""What the pages of syncs are made of."""
