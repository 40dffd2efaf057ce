"""A county that exists nowhere, drawn from a seed: the same seed gives the same bytes."""

from gezhi.demo.county.divisions import Division
from gezhi.demo.county.drawing import County, digest_of, draw_county
from gezhi.demo.county.features import Feature

__all__ = ["County", "Division", "Feature", "digest_of", "draw_county"]
