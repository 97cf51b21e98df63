"""Event patterns, as far as the template speaks them ("Comparison operators for use in event patterns in Amazon
EventBridge"): lists of values, exists and anything-but. A pattern with anything else is refused."""

OPERATORS = ("exists", "anything-but")


def matches(pattern, event):
    """Whether an event matches: each member of the pattern is there, and one of its alternatives fits."""
    return all(_fits(alternatives, event.get(name)) for name, alternatives in pattern.items())


def _fits(alternatives, value):
    if isinstance(alternatives, dict):
        # A pattern deeper than the event: what is asked of members that are not there.
        return matches(alternatives, value if isinstance(value, dict) else {})
    if not isinstance(alternatives, list) or not alternatives:
        raise ValueError(f"{alternatives!r} is no list of alternatives")
    # All of them, so that each is read.
    return any([_alternative(alternative, value) for alternative in alternatives])


def _alternative(alternative, value):
    if not isinstance(alternative, dict):
        # false is not 0.
        return type(alternative) is type(value) and alternative == value
    ((operator, operand),) = alternative.items()
    if operator == "exists" and isinstance(operand, bool):
        return (value is not None) == operand
    if operator == "anything-but" and isinstance(operand, (str, list)):
        return value is not None and value not in ([operand] if isinstance(operand, str) else operand)
    raise ValueError(f"{operator} {operand!r} is no operator that is known here")
