"""Django's PostgreSQL, kept connected: `ENGINE` of the settings."""
