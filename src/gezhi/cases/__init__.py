"""The case: its moves, legs, history, clock ledger, reports, attachments."""
