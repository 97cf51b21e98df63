"""What template.yaml says of the contracts in contracts/, made from them: a row of the mapping `Catalogue` for each, the
names that its loops list, and what the parameters that name contracts take.

    python tests/real-parts/contract_rows.py    prints them, to be put into the template

A provider that has a function of its own, functions/NAME, is left out: the two would have the same routes.
check_template.py holds the template to this."""

import functools
import tomllib

from expanded import PROJECT, capitalized

# The parameters that name contracts, and what is said of each: nothing, a largest reward, networks.
SAID = {"Contracts": "", "ContractMaxRewards": r"=([0-9]{1,18}(\.[0-9]{1,10})?)?", "ContractNetworks": "=[0-9A-Fa-f.:/+]*"}


def method(routes):
    """The method of the one route that is made, at the one path: any, where a contract has two there."""
    methods = {key.upper() for route in routes for key in ("get", "post") if key in route}
    return methods.pop() if len(methods) == 1 else "ANY"


def row(name, contract):
    paths = {route.get("get") or route.get("post") for route in contract["routes"]}
    return {
        "Name": name,
        "Title": contract["title"],
        "Method": method(contract["routes"]),
        # check_template.py says so where there are several.
        "Path": sorted(paths)[0],
        "Listed": f",{capitalized(name)},",
        "Before": f",{capitalized(name)}=",
        "Cap": contract["meaning"].get("cap", ""),
    }


@functools.cache
def contracts():
    """The contracts that may be deployed, by name."""
    files = sorted((PROJECT / "contracts").glob("*.toml"))
    return {file.stem: tomllib.loads(file.read_text()) for file in files if not (PROJECT / "functions" / file.stem).exists()}


def rows():
    return {capitalized(name): row(name, contract) for name, contract in contracts().items()}


def pattern(parameter):
    """What a parameter that names contracts takes: some of them with commas between them, each with what is said of it."""
    return f"^(({'|'.join(rows())}){SAID[parameter]}(,|$))*$"


def main():
    for name, columns in rows().items():
        # As YAML: a text is in quotation marks where it would be something else without.
        plain = lambda text: text if text and text[0] not in "," and not text.isdigit() else f'"{text}"'
        print(f"    {name}: {{{', '.join(f'{key}: {plain(value)}' for key, value in columns.items())}}}")
    print(f"\n[{', '.join(rows())}]\n")
    for parameter in SAID:
        print(f"{parameter}: {pattern(parameter)}")


if __name__ == "__main__":
    main()
