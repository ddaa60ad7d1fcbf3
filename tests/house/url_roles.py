"""Every address and what each role gets there on GET. A new address needs a line here.

200 the page · 302 sent on · 403 refused · 404 not there, or not for them · 405 takes POST only.
A name ending in “!” is the same address for a thing that concerns another unit.

To see what a line would be now: `pytest tests/house -k table` prints the lines that differ. Read them before you
copy them: the table is what we mean, not what the code happens to do.
"""

COLUMNS = (
    "nobody",
    "officer",
    "office_head",
    "director",
    "deputy_director",
    "government_head",
    "leader",
    "secretary",
    "liaison",
    "unit_deputy",
    "unit_head",
    "responsible",
    "system_admin",
    "security_admin",
    "audit_admin",
)

TABLE = """\
home            302 302 302 302 302 302 302 302 302 302 302 302 302 302 302
sign_in         200 302 302 302 302 302 302 302 302 302 302 302 302 302 302
sign_out        302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
password        302 200 200 200 200 200 200 200 200 200 200 200 200 200 200
accounts        302 403 403 403 403 403 403 403 403 403 403 403 200 403 403
account_new     302 403 403 403 403 403 403 403 403 403 403 403 200 403 403
account_edit    302 403 403 403 403 403 403 403 403 403 403 403 200 403 403
account_reset   302 403 403 403 403 403 403 403 403 403 403 403 200 403 403
account_unlock  302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
grants          302 403 403 403 403 403 403 403 403 403 403 403 403 200 403
grant_new       302 403 403 403 403 403 403 403 403 403 403 403 403 200 403
role_table      302 403 403 403 403 403 403 403 403 403 403 403 403 200 403
grant_end       302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
account_link    302 403 403 403 403 403 403 403 403 403 403 403 403 200 403
audit           302 403 403 403 403 403 403 403 403 403 403 403 403 403 200
audit_csv       302 403 403 403 403 403 403 403 403 403 403 403 403 403 200
audit_verify    302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
audit_event     302 403 403 403 403 403 403 403 403 403 403 403 403 403 200
ledger          302 200 200 200 200 200 200 200 200 200 200 200 403 403 403
ledger_print    302 200 200 200 200 200 200 200 200 200 200 200 403 403 403
ledger_batch    302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
ledger_xlsx     302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
ledger_csv      302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
notices         302 200 200 200 200 200 403 403 403 403 403 403 403 403 403
notice_upload   302 200 200 403 403 403 403 403 403 403 403 403 403 403 403
notice_original 302 200 200 200 200 200 403 403 403 403 403 403 403 403 403
notice_discard  302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk            302 200 200 200 200 200 403 403 403 403 403 403 403 403 403
desk_states     302 200 200 200 200 200 403 403 403 403 403 403 403 403 403
desk_header     302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_accept_all 302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_row_new    302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_row        302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_cell       302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_finding    302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_names      302 200 200 200 200 200 403 403 403 403 403 403 403 403 403
desk_name       302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_group      302 405 405 405 405 405 405 405 405 405 405 405 405 405 405
desk_register   302 200 200 403 403 403 403 403 403 403 403 403 403 403 403
"""

THINGS = {
    # first word of a URL name: the thing whose number its address holds (else the word itself)
    "desk": "notice",
    "audit": "event",
    "contact": "unit",
    "appoint": "post",
}

EXCEPTIONS: dict[str, dict[str, str]] = {
    # URL name: {argument: thing}, where the first word does not tell
}

VALUES: dict[str, str] = {
    # arguments that are no numbers
    "step": "start",
}

FOREIGN: tuple[str, ...] = ("matter", "unit", "person")
"""Addresses asked for a second time with another unit's thing."""
