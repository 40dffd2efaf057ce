"""Accounts, units, posts, keys, rosters, leave: who works here, when, with which rights."""
