"""The pages of webhooks and of peers, for whoever looks after them; where a demo receives."""
