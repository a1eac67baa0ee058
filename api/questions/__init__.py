"""The questions that a story is asked: as data, each with the function that asks it (domain.md 14.3).

Nothing here knows an answer: each is worked out from what the running ledger says, by requests that a user can send.
A date is the end of a local day in the zone that the request names.
"""

from api.questions.akar import AKAR
from api.questions.alliance import ALLIANCE
from api.questions.claims import CLAIMS
from api.questions.disputes import DISPUTES
from api.questions.notices import NOTICES
from api.questions.question import Question

QUESTIONS: tuple[Question, ...] = tuple(
    sorted((*ALLIANCE, *NOTICES, *AKAR, *DISPUTES, *CLAIMS), key=lambda question: question.id)
)
