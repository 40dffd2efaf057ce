"""What residents see: report, track, answer, rate, reopen, my reports."""
