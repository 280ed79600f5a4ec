"""What a customer sees of integrations: the catalogue of destinations, and connections to them."""
