"""The languages of CloudWatch's alarms and dashboards, as far as the template speaks them. Each reader takes
what is documented and nothing else, because an alarm with an expression that CloudWatch cannot read is
refused, and its stack rolled back.

* `query`: "Query components and syntax in CloudWatch Metrics Insights"
* `math`: "Using math expressions with CloudWatch metrics", of its functions those that are used here
* `search`: "CloudWatch search expression syntax", of its forms the one that is used here
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass


class Unreadable(Exception):
    """CloudWatch would not take it, or nobody has looked up here whether it does."""


class Tokens:
    """The tokens of a text, one after the other."""

    def __init__(self, text, pattern):
        self.text, self.left = text, []
        at = 0
        while at < len(text):
            if text[at].isspace():
                at += 1
            elif found := re.compile(pattern).match(text, at):
                self.left.append(found[0])
                at = found.end()
            else:
                raise Unreadable(f"nothing begins with {text[at:at + 10]!r}")

    def peek(self):
        return self.left[0] if self.left else ""

    def take(self):
        if not self.left:
            raise Unreadable("it ends too early")
        return self.left.pop(0)

    def taken(self, *wanted):
        """Takes the next token if it is one of these; keywords are not case sensitive."""
        if self.peek().upper() in wanted:
            return self.take().upper()
        return None

    def expect(self, *wanted):
        if not (token := self.taken(*wanted)):
            raise Unreadable(f"{' or '.join(wanted)} should be where {self.peek() or 'the end'} is")
        return token

    def expect_end(self):
        if self.left:
            raise Unreadable(f"{self.peek()} should not be there")


@dataclass
class Query:
    """A query of Metrics Insights."""

    function: str
    metric: str
    namespace: str
    # None without SCHEMA: metrics with any dimensions.
    dimensions: set | None
    # Label, operator and value.
    conditions: list


QUERY_TOKEN = r"""'[^']*'|"[^"]*"|!=|[A-Za-z0-9_]+|[^\s]"""


def query(text):
    """Reads SELECT FUNCTION(metric) FROM namespace | SCHEMA(namespace, label, …) [WHERE label = | != 'value'
    [AND …]] [GROUP BY label, …] [ORDER BY FUNCTION() [DESC | ASC]] [LIMIT number]."""
    tokens = Tokens(text, QUERY_TOKEN)

    def name(what):
        token = tokens.take()
        if re.fullmatch(r'"[^"]+"', token):
            return token[1:-1]
        # What has other characters needs quotation marks.
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", token):
            raise Unreadable(f"{token} is no {what}")
        return token

    def labels():
        found = [name("label")]
        while tokens.taken(","):
            found.append(name("label"))
        return found

    functions = ("AVG", "COUNT", "MAX", "MIN", "SUM")
    tokens.expect("SELECT")
    function = tokens.expect(*functions)
    tokens.expect("(")
    metric = name("metric")
    tokens.expect(")")
    tokens.expect("FROM")
    dimensions = None
    if tokens.taken("SCHEMA"):
        tokens.expect("(")
        namespace = name("namespace")
        dimensions = set(labels()) if tokens.taken(",") else set()
        tokens.expect(")")
    else:
        namespace = name("namespace")
    conditions = []
    if tokens.taken("WHERE"):
        more = True
        while more:
            label = name("label")
            operator = tokens.expect("=", "!=")
            value = tokens.take()
            if not re.fullmatch(r"'[^']*'", value):
                raise Unreadable(f"{value} is no value: values are in single quotation marks")
            conditions.append((label, operator, value[1:-1]))
            more = tokens.taken("AND")
    grouped = []
    if tokens.taken("GROUP"):
        tokens.expect("BY")
        grouped = labels()
    if tokens.taken("ORDER"):
        tokens.expect("BY")
        tokens.expect(*functions)
        tokens.expect("(")
        tokens.expect(")")
        tokens.taken("DESC", "ASC")
    if tokens.taken("LIMIT") and not re.fullmatch(r"[1-9]\d*", tokens.take()):
        raise Unreadable("LIMIT is a number")
    tokens.expect_end()
    for label in [label for label, _, _ in conditions] + grouped:
        if dimensions is not None and label not in dimensions:
            raise Unreadable(f"the label {label} is not in its SCHEMA")
    return Query(function, metric, namespace, dimensions, conditions)


# What an expression gives: a number, a time series, or several.
NUMBER, SERIES, SEVERAL = "a number", "a time series", "several time series"

MATH_TOKEN = r"\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|==|!=|<=|>=|&&|\|\||[^\s]"

# Operators, the ones that bind least first.
LEVELS = (("OR", "||"), ("AND", "&&"), ("==", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"))


@dataclass
class Math:
    """An expression of metric math."""

    gives: str
    # The ids that it names.
    names: set
    # Those of them that stand where a missing value makes the whole value missing: not in FILL.
    unfilled: set
    # What it is worth, from the values of each id: as many of each, and None where there is none.
    value: Callable


def each(function, *values):
    """A function of numbers and of values of time series, one moment after the other. "Missing values in a time
    series are treated as 0", but where no time series has a value. Comparisons with a number take them for 0
    there too, since nothing says that they do not."""
    length = max((len(v) for v in values if isinstance(v, list)), default=0)
    if not length:
        return function(*values)
    moments = zip(*(v if isinstance(v, list) else [v] * length for v in values))
    series = [isinstance(v, list) for v in values]

    def one(moment):
        if function not in COMPARISONS and all(v is None for v, is_series in zip(moment, series) if is_series):
            return None
        return function(*(value or 0 for value in moment))

    return [one(moment) for moment in moments]


def fill(values, filler):
    """FILL. What it makes of a time series without any value is not documented: it is left as it is, and the
    checks try zeros in its place as well."""
    return values if all(v is None for v in values) else [filler if v is None else v for v in values]


def differences(values):
    """DIFF and, of times that are 1 apart, DIFF_TIME: the first value has none before it."""
    found, before = [], None
    for value in values:
        found.append(None if value is None or before is None else value - before)
        before = value if value is not None else before
    return found


def times(values):
    return differences([None if value is None else moment for moment, value in enumerate(values)])


OPERATIONS = {
    "OR": lambda a, b: int(bool(a or b)),
    "AND": lambda a, b: int(bool(a and b)),
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
}
COMPARISONS = [OPERATIONS[operator] for operator in LEVELS[2]]
OPERATIONS |= {"||": OPERATIONS["OR"], "&&": OPERATIONS["AND"]}
TOGETHER = {"SUM": lambda *values: sum(values), "MIN": min, "MAX": max}


@functools.cache
def math(text):
    """Reads an expression of the functions SUM, MIN, MAX, FILL, DIFF, DIFF_TIME and IF."""
    tokens = Tokens(text, MATH_TOKEN)
    names, filled = set(), []

    # Each of these gives what the part is, and how its value is found.
    def level(depth):
        if depth == len(LEVELS):
            return atom()
        gives, value = level(depth + 1)
        while operator := tokens.taken(*LEVELS[depth]):
            other, more = level(depth + 1)
            kinds = {gives, other}
            if SEVERAL in kinds and kinds != {SEVERAL, NUMBER}:
                raise Unreadable("operators take several time series only with a number")
            gives = max(kinds, key=(NUMBER, SERIES, SEVERAL).index)
            value = operation(OPERATIONS[operator], value, more)
        return gives, value

    def operation(function, left, right):
        def value(values):
            a, b = left(values), right(values)
            if isinstance(a, tuple) or isinstance(b, tuple):
                several, number = (a, b) if isinstance(a, tuple) else (b, a)
                return tuple(each(function, *((s, number) if several is a else (number, s))) for s in several)
            return each(function, a, b)

        return value

    def arguments():
        given = [level(0)]
        while tokens.taken(","):
            given.append(level(0))
        tokens.expect(")")
        return [gives for gives, _ in given], [value for _, value in given]

    def atom():
        token = tokens.take()
        if token == "(":
            inner = level(0)
            tokens.expect(")")
            return inner
        if token == "[":
            parts = [level(0)]
            while tokens.taken(","):
                parts.append(level(0))
            tokens.expect("]")
            if {gives for gives, _ in parts} != {SERIES}:
                raise Unreadable("only time series are between [ and ]")
            return SEVERAL, lambda values: tuple(value(values) for _, value in parts)
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return NUMBER, lambda values: float(token)
        # An id begins with a lower-case letter.
        if re.fullmatch(r"[a-z][A-Za-z0-9_]*", token):
            names.add(token)
            return SERIES, lambda values: values[token]
        if token not in ("SUM", "MIN", "MAX", "FILL", "DIFF", "DIFF_TIME", "IF"):
            raise Unreadable(f"{token} is no function that is known here")
        tokens.expect("(")
        first = tokens.peek()
        given, (value, *more) = arguments()
        if token == "FILL":
            if given not in ([SERIES, NUMBER], [SEVERAL, NUMBER]):
                raise Unreadable("FILL takes time series and a number")
            filled.append(first)
            if given[0] == SEVERAL:
                return SEVERAL, lambda values: tuple(fill(s, more[0](values)) for s in value(values))
            return SERIES, lambda values: fill(value(values), more[0](values))
        if token in ("DIFF", "DIFF_TIME") and given == [SERIES]:
            function = differences if token == "DIFF" else times
            return SERIES, lambda values: function(value(values))
        if token == "IF" and len(given) == 3 and given[0] == SERIES and SEVERAL not in given:
            return SERIES, lambda values: choose(value(values), more[0](values), more[1](values))
        if token in TOGETHER and given == [SEVERAL]:
            return SERIES, lambda values: each(TOGETHER[token], *value(values))
        if token in TOGETHER and given == [SERIES]:
            # Of one time series, it is one number over all of its time.
            return NUMBER, lambda values: TOGETHER[token](*[v or 0 for v in value(values)])
        raise Unreadable(f"{token} does not take {' and '.join(given)}")

    gives, value = level(0)
    tokens.expect_end()
    # One that is also named elsewhere counts as unfilled.
    written = re.findall(r"\b[a-z][A-Za-z0-9_]*\b", text)
    unfilled = {name for name in names if written.count(name) > filled.count(name)}
    return Math(gives, names, unfilled, value)


def choose(conditions, yes, no):
    """IF: nothing where the condition has no value, and 0 where it is met by a value that is not there."""

    def at(values, moment):
        return values[moment] if isinstance(values, list) else values

    found = []
    for moment, condition in enumerate(conditions):
        if condition is None:
            found.append(None)
        elif condition:
            found.append(at(yes, moment) or 0)
        else:
            found.append(at(no, moment))
    return found


@dataclass
class Search:
    """What a search expression looks for."""

    namespace: str
    dimensions: set
    metric: str


SEARCH = re.compile(r"""SEARCH\('\{"([^"]+)"((?:,\w+)*)\} MetricName="(\w+)"', '(?:Sum|Maximum|p\d\d)', \d+\)""")


def search(text):
    """Reads SEARCH('{"namespace",Dimension,…} MetricName="name"', 'statistic', period), or the SUM of it."""
    inner = re.fullmatch(r"SUM\((.*)\)", text)
    found = SEARCH.fullmatch(inner[1] if inner else text)
    if not found:
        raise Unreadable("it is no search of the form that is known here")
    namespace, dimensions, metric = found.groups()
    return Search(namespace, set(dimensions.split(",")[1:]), metric)
