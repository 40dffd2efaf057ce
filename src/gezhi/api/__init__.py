"""The OpenAPI root: mounts the rooms' operations, turns refusals into problem+json."""
