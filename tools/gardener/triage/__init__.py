"""Judge: group, name the cause, nature, severity, match, plan. Values in, values out.

In reading order:

    one failure      places, chain, names, mask, keys: what makes it recognisable
    its cause        sorting, evidence, table, cause, explains: what it says, and which rule that meets
    one finding      member, values, join, absorb, spectrum, group: which failures are one root cause
    in words         slug: a name and a sentence
    how bad          flaky, nature, severity, judge, baseline: with what is known of its past
    whose issue      foreign, match: by key, or by what people wrote
    what is done     remember, silence, twins, digest, byhand, plan: each action with its why
"""
