"""Views of one story: issue body, worklog, page, summary, terminal.

In reading order:

    derived once   outline, words, markdown
    the views      terminal, tables, worklog, issue, digest, html, charts, summary
    as JSON        answers, shapes
    drawn by       engine, screen
"""
