"""Measurements: seeding by COPY, lifecycles over HTTP, each printed as it was."""
