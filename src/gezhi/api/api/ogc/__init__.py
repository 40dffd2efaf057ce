"""OGC API - Features Part 1 under /ogc/: areas, grids and public cases for programs of maps."""
