"""Views of one story: issue body, worklog, page, summary, terminal."""
