"""What an action may refuse with; every message is shown to the user as it stands."""


class DomainError(Exception):
    """A refusal in the user's words. `code` is stable for programs, `message` is Chinese for people."""

    code = "error"
    message = "操作没有完成。"

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or self.message
        self.field = field
        super().__init__(self.message)


class NotAllowed(DomainError):
    """The actor holds no role that may do this here."""

    code = "not_allowed"
    message = "您没有办理此事的权限。"


class NotFound(DomainError):
    """The thing is not there, or not there for this actor."""

    code = "not_found"
    message = "没有找到，或者您无权查看。"


class WrongState(DomainError):
    """The thing is no longer (or not yet) in a state in which this can be done."""

    code = "wrong_state"
    message = "当前状态下不能办理此事。"


class Invalid(DomainError):
    """Something given is missing or contradictory; `field` names the input where there is one."""

    code = "invalid"
    message = "填写的内容有误。"


class Conflict(DomainError):
    """Somebody else changed the same thing first; `theirs` holds what stands now."""

    code = "conflict"
    message = "他人刚刚修改了同一内容，请对照后再保存。"

    def __init__(self, message: str | None = None, *, theirs: object = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.theirs = theirs
