"""Areas, grids, boundaries, locating: where things are and which division they lie in."""
