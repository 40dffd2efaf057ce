"""Open311 GeoReport v2, for other cities' programs: it calls what portal and desk call."""
