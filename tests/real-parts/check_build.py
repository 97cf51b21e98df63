"""Whether `sam build` wrote of each function, looped or not, that its program is the one that was built for it.

A CodeUri that SAM takes for the same in every turn of a loop gives all of its functions one program, and says
nothing. That is meant for the functions of contracts, and for those alone.

    python tests/real-parts/check_build.py .aws-sam/build
"""

import sys
from pathlib import Path

from expand import without_loops
from samcli.yamlhelper import yaml_parse


def main():
    built = Path(sys.argv[1])
    resources = without_loops(yaml_parse((built / "template.yaml").read_text()))["Resources"]
    functions = {name: r["Properties"]["CodeUri"] for name, r in resources.items() if r["Type"] == "AWS::Serverless::Function"}
    contracts = {name for name, r in resources.items() if r.get("Metadata", {}).get("BuildProperties", {}).get("Binary") == "contract"}
    program = {name: {functions[other] for other in contracts} if name in contracts else {name} for name in functions}
    wrong = {name: uri for name, uri in functions.items() if program[name] != {uri} or not (built / uri / "bootstrap").exists()}
    wrong |= {name: uri for name, uri in functions.items() if name in contracts and uri not in contracts}
    for name, uri in wrong.items():
        print(f"{name} has the program of {uri}")
    print(f"{len(functions)} functions: {len(wrong)} problems")
    sys.exit(bool(wrong) or not functions)


if __name__ == "__main__":
    main()
