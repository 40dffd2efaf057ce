"""A fictional county made from a seed, and a simulation that drives the real acts."""
