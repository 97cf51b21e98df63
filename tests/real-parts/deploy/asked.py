"""The emulator, which also writes down what is asked of the policies of each role: one line of JSON per question.

Started in the place of the emulator's own command, with the same settings; ASKED names the file.
"""

import json
import os
import sys

import ministack.core.iam_evaluator as evaluator
from ministack.app import main

decide = evaluator.evaluate


def noted(context, *policies):
    """What the emulator makes of a question, which is on file by then."""
    result = decide(context, *policies)
    # arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
    _, _, role = context.principal_arn.partition(":assumed-role/")
    if role:
        line = {"role": role.split("/")[0], "action": context.action, "resource": context.resource_arn}
        # In one piece, because several threads ask.
        os.write(asked, (json.dumps(line | {"decision": result.decision}) + "\n").encode())
    return result


asked = os.open(os.environ["ASKED"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
evaluator.evaluate = noted
sys.exit(main())
