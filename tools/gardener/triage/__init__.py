"""Judge: group, name the cause, nature, severity, match, plan. Values in, values out."""
