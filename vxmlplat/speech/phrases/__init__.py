"""Numbers, amounts, dates, times and telephone numbers as sequences of recorded pieces, one module a
language.
"""
