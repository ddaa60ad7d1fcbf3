"""Every address. Names are those of the role table in tests/house."""

from django.urls import path

from duban.web import administration, ledger, session

urlpatterns = [
    path("", session.home, name="home"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("password/", session.password, name="password"),
    path("accounts/", administration.accounts, name="accounts"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<int:pk>/", administration.account_edit, name="account_edit"),
    path("accounts/<int:pk>/reset/", administration.account_reset, name="account_reset"),
    path("accounts/<int:pk>/unlock/", administration.account_unlock, name="account_unlock"),
    path("grants/", administration.grants, name="grants"),
    path("grants/new/", administration.grant_new, name="grant_new"),
    path("grants/roles/", administration.role_table, name="role_table"),
    path("grants/<int:pk>/end/", administration.grant_end, name="grant_end"),
    path("grants/accounts/<int:pk>/person/", administration.account_link, name="account_link"),
    path("audit/", administration.audit, name="audit"),
    path("audit/export.csv", administration.audit_csv, name="audit_csv"),
    path("audit/verify/", administration.audit_verify, name="audit_verify"),
    path("audit/<int:pk>/", administration.audit_event, name="audit_event"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/print/", ledger.ledger_print, name="ledger_print"),
    path("ledger/batch/", ledger.ledger_batch, name="ledger_batch"),
    path("ledger.xlsx", ledger.ledger_xlsx, name="ledger_xlsx"),
    path("ledger.csv", ledger.ledger_csv, name="ledger_csv"),
]
