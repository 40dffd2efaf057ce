"""Residents who sign in: entering by phone code, their own reports, their own data."""
