"""Remember runs, findings, issues and unfinished writes."""
