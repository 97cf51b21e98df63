"""The languages of CloudWatch's alarms and dashboards, as far as the template speaks them. Each reader takes
what is documented and nothing else, because an alarm with an expression that CloudWatch cannot read is
refused, and its stack rolled back.

* `query`: "Query components and syntax in CloudWatch Metrics Insights"
* `math`: "Using math expressions with CloudWatch metrics", of its functions those that are used here
* `search`: "CloudWatch search expression syntax", of its forms the one that is used here
"""

import re
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

    metric: str
    namespace: str
    # None without SCHEMA: metrics with any dimensions.
    dimensions: set | None
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
    tokens.expect(*functions)
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
            tokens.expect("=", "!=")
            value = tokens.take()
            if not re.fullmatch(r"'[^']*'", value):
                raise Unreadable(f"{value} is no value: values are in single quotation marks")
            conditions.append((label, value[1:-1]))
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
    for label in [label for label, _ in conditions] + grouped:
        if dimensions is not None and label not in dimensions:
            raise Unreadable(f"the label {label} is not in its SCHEMA")
    return Query(metric, namespace, dimensions, conditions)


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


def math(text):
    """Reads an expression of the functions SUM, MIN, MAX, FILL, DIFF and IF."""
    tokens = Tokens(text, MATH_TOKEN)
    names, filled = set(), []

    def level(depth):
        if depth == len(LEVELS):
            return atom()
        gives = level(depth + 1)
        while tokens.taken(*LEVELS[depth]):
            kinds = {gives, level(depth + 1)}
            if SEVERAL in kinds and kinds != {SEVERAL, NUMBER}:
                raise Unreadable("operators take several time series only with a number")
            gives = max(kinds, key=(NUMBER, SERIES, SEVERAL).index)
        return gives

    def arguments():
        given = [level(0)]
        while tokens.taken(","):
            given.append(level(0))
        tokens.expect(")")
        return given

    def atom():
        token = tokens.take()
        if token == "(":
            gives = level(0)
            tokens.expect(")")
            return gives
        if token == "[":
            kinds = {level(0)}
            while tokens.taken(","):
                kinds.add(level(0))
            tokens.expect("]")
            if kinds != {SERIES}:
                raise Unreadable("only time series are between [ and ]")
            return SEVERAL
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return NUMBER
        # An id begins with a lower-case letter.
        if re.fullmatch(r"[a-z][A-Za-z0-9_]*", token):
            names.add(token)
            return SERIES
        if token not in ("SUM", "MIN", "MAX", "FILL", "DIFF", "IF"):
            raise Unreadable(f"{token} is no function that is known here")
        tokens.expect("(")
        if token == "FILL":
            first = tokens.peek()
            given = arguments()
            if given not in ([SERIES, NUMBER], [SEVERAL, NUMBER]):
                raise Unreadable("FILL takes time series and a number")
            filled.append(first)
            return given[0]
        given = arguments()
        if token == "DIFF" and given == [SERIES]:
            return SERIES
        if token == "IF" and len(given) == 3 and given[0] == SERIES and SEVERAL not in given:
            return SERIES
        if token in ("SUM", "MIN", "MAX") and given in ([SERIES], [SEVERAL]):
            # Of one time series, it is one number over all of its time.
            return SERIES if given == [SEVERAL] else NUMBER
        raise Unreadable(f"{token} does not take {' and '.join(given)}")

    gives = level(0)
    tokens.expect_end()
    # One that is also named elsewhere counts as unfilled.
    written = re.findall(r"\b[a-z][A-Za-z0-9_]*\b", text)
    unfilled = {name for name in names if written.count(name) > filled.count(name)}
    return Math(gives, names, unfilled)


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
