"""Roles with one action less."""

import contextlib
import copy
import json

from emulated import SEND_BATCH


def document(cloud, role):
    """The one inline policy of a role, and its name."""
    iam = cloud.client("iam")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return policy, iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]


@contextlib.contextmanager
def without(cloud, resources, removed):
    """Takes an action out of each role, for the time of the `with`. `removed` has the statement's Sid and the
    action, by the role's logical id."""
    put = cloud.client("iam").put_role_policy
    before = {}
    for logical, (sid, action) in removed.items():
        role = resources[logical]
        policy, whole = document(cloud, role)
        less = copy.deepcopy(whole)
        (statement,) = [s for s in less["Statement"] if s["Sid"] == sid]
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert action in actions, (logical, sid, actions)
        # A statement has to have an action; this one is on none of the functions' ways.
        gone = {action, SEND_BATCH} if action == "sqs:SendMessage" else {action}
        statement["Action"] = [a for a in actions if a not in gone] or ["sts:GetCallerIdentity"]
        before[role] = (policy, whole)
        put(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        for role, (policy, whole) in before.items():
            put(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(whole))
