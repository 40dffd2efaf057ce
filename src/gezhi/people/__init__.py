"""Accounts, units, posts, keys, rosters, leave: who works here, for whom, when, with which rights."""
