"""Accounts, units, posts, keys: who works here, for whom, over which area, with which rights."""
