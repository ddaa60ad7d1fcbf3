"""What changes letters: drafted by the round or by hand, signed by a person, issued, answered, settled."""

from duban.letters.actions.answering import (
    AnsweredMatter,
    accept_answer,
    answer_letter,
    return_answer,
)
from duban.letters.actions.drafting import draft_letters
from duban.letters.actions.editing import (
    LetterEdit,
    NewItem,
    drop_letter,
    edit_letter,
    merge_letters,
    present_letter,
    send_back_letter,
    write_letter,
)
from duban.letters.actions.issuing import (
    deliver_letter,
    issue_letter,
    keep_letter,
    number_letter,
    read_letter,
    sign_letter,
    withdraw_letter,
)

__all__ = [
    "AnsweredMatter",
    "LetterEdit",
    "NewItem",
    "accept_answer",
    "answer_letter",
    "deliver_letter",
    "draft_letters",
    "drop_letter",
    "edit_letter",
    "issue_letter",
    "keep_letter",
    "merge_letters",
    "number_letter",
    "present_letter",
    "read_letter",
    "return_answer",
    "send_back_letter",
    "sign_letter",
    "withdraw_letter",
    "write_letter",
]
