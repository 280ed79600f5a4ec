"""The sections of the organization settings."""
