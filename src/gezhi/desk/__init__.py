"""The staff shell: sign-in, inbox, case page, return visits, administration."""
