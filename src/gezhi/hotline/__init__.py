"""The room `hotline`: calls, what became of them, and the articles agents answer from.

It owns calls (who called which agent when, sealed; what was typed meanwhile; the case or the
article it ended with) and knowledge articles with all their versions.
"""
