"""Remember runs, findings, issues and unfinished writes.

In reading order:

    the door       runs, issues, outbox: the memory, the embedded tracker, what is being written
    the tables     schema, rows, names, columns
    looking back   past, history
    keeping        engine, database, integrity, retention, exchange
"""
