"""The room `exchange`: other systems, and what they are told.

It owns subscriptions (who is told of which facts, at which address, with its own place in the
book), their deliveries, and how these are signed, tried again and replayed.
"""
