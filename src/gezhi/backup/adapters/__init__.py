"""The outside of backups: sealed files, the key they are sealed with, PostgreSQL's programs."""
