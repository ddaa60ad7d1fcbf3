"""变更申请: a unit asks for more time or another wording; the office decides."""
