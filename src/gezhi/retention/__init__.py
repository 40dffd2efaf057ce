"""How long what is kept: rules with history, holds, previews, what was removed and by which rule.

The rows themselves belong to the rooms that register their kinds in `record.keeping`.
"""
