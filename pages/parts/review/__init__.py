"""What the partner's Submit page and the reviewer's pages are made of."""
