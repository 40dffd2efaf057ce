"""What every room stands on and no city word is in: actor, refusal, fact, clock, sealed fields."""
