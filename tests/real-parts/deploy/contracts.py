"""Contracts on a deployed stack: named in its parameter `Contracts`, they are there; their callbacks, which the corpus of
tests/contracts has as other programs signed them, are received, settled and found; taken out, they are gone.

docs/deployment.md#contracts says the same."""

import json
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import emulated
import settlement
from places import PROJECT
from roles import without

# One whose networks have to be said here, and one that signs the URL under the host that the corpus has.
CONTRACTS = {"Cpx": "cpx", "Bitlabs": "bitlabs"}
PARAMETERS = {
    "Contracts": ",".join(CONTRACTS),
    "ContractMaxRewards": "Cpx=119.5",
    "ContractNetworks": "Bitlabs=127.0.0.0/8,Cpx=127.0.0.1/32+::1/128",
    "ContractSilenceHours": "6",
    "PublicUrl": "https://callbacks.example.com",
}
CORPUS = {name: json.loads((PROJECT / "tests/contracts/corpus" / f"{name}.json").read_text()) for name in CONTRACTS.values()}
# The cases of the corpus that are sent. The last is what BitLabs takes back.
GENUINE, FORGED, REVERSED = "genuine", "signature of a strange key", "reconciled"


def wanted(name, case):
    """A case of the corpus."""
    return next(one for one in CORPUS[name]["cases"] if one["name"] == case)


def keys(name):
    """The keys of the corpus, as a secret has them."""
    return json.dumps({"keys": [{"id": id, "secret": secret} for id, secret in CORPUS[name]["keys"].items()]})


class Contracts:
    """The contracts of a deployed stack."""

    def __init__(self, stack):
        self.stack, self.cloud = stack, stack.cloud
        self.urls = {}

    def follow(self):
        self.added()
        self.without_keys()
        self.missed()
        ids = self.received()
        self.lost_and_found()
        self.taken_out(ids)

    def parameters(self, **changed):
        self.stack.repoint(changed)

    def added(self):
        """An update that names them makes what is theirs, and changes nothing else."""
        before = dict(self.stack.resources)
        self.parameters(**PARAMETERS)
        new = self.stack.resources.keys() - before.keys()
        parts = ("Function", "FunctionRole", "Log", "KeysSecret", "FunctionCallbackPermission")
        expected = {f"{contract}{part}" for contract in CONTRACTS for part in parts}
        # The emulator has a route and an integration in the place of an import.
        assert {name for name in new if not name.startswith(("Route", "Integration"))} == expected, new
        assert before.items() <= self.stack.resources.items()
        variables = self.variables("Cpx")
        expected = {"CONTRACT": "cpx", "MAX_REWARD": "119.5", "ALLOWED_NETWORKS": "127.0.0.1/32,::1/128", "PUBLIC_URL": PARAMETERS["PublicUrl"]}
        assert expected.items() <= variables.items(), variables
        assert self.variables("Bitlabs")["MAX_REWARD"] == "", "BitLabs has no cap of its own"
        self.urls = {name: self.stack.outputs[f"{contract}Url"] for contract, name in CONTRACTS.items()}
        assert "CpxKeysSecretArn" in self.stack.outputs and "WannadsUrl" not in self.stack.outputs

    def variables(self, contract):
        function = self.stack.resources[f"{contract}Function"]
        return self.cloud.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]

    def send(self, name, case):
        """Sends a case of the corpus to the URL of the outputs, and gives the status of the answer. What else an answer
        has is what its provider wants to read."""
        request = wanted(name, case)["request"]
        assert request["method"] == "GET" and not request["body"], request
        asked = urllib.request.Request(f"{self.urls[name]}?{urlsplit(request['url']).query}", headers=request["headers"])
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code

    def without_keys(self):
        """Without keys they answer 503, and `doctor` names their secrets; with them each is read."""
        problems = self.stack.operator.problems()
        assert {("secret", f"{contract}KeysSecret") for contract in CONTRACTS} <= problems, problems
        for name in CONTRACTS.values():
            assert self.send(name, GENUINE) == 503, name
        for name in CONTRACTS.values():
            self.cloud.client("secretsmanager").put_secret_value(SecretId=f"callbacks/{name}/keys", SecretString=keys(name))

    def missed(self):
        """Each action of their roles that the emulator asks for is missed."""
        for sid, action in (("ReadKeys", "secretsmanager:GetSecretValue"), ("Record", "dynamodb:PutItem")):
            self.stack.restart()
            with without(self.cloud, self.stack.resources, {f"{contract}FunctionRole": (sid, action) for contract in CONTRACTS}):
                for name in CONTRACTS.values():
                    assert self.send(name, GENUINE) == 503, (name, action)
        self.stack.restart()
        # Which asks their routes, too.
        assert self.stack.operator.problems() == emulated.PROBLEMS

    def received(self):
        """Recorded once, forged ones refused; what is above the parameter's cap waits for a person, and the other is
        credited; the ids of what was recorded."""
        ids = {}
        for name in CONTRACTS.values():
            assert self.send(name, FORGED) == 401, name
            assert [self.send(name, GENUINE) for _ in range(2)] == [200, 200], name
            (ids[name],) = self.stack.operator.ids("--provider", name)
            assert ids[name].split("#")[2:] == wanted(name, GENUINE)["id_parts"], ids
        settlement.await_states(self.cloud, self.stack.outputs, {ids["cpx"]: "held", ids["bitlabs"]: "credited"})
        self.stack.operator.run("accept", ids["cpx"], "--reason", "asked CPX", "--by", "ann")
        settlement.await_states(self.cloud, self.stack.outputs, {ids["cpx"]: "credited"})
        return ids

    def lost_and_found(self):
        """What nobody dispatches is found by the schedule, by the names in the parameter alone."""
        before = self.stack.operator.ids()
        self.stack.read(False)
        assert self.send("bitlabs", REVERSED) == 200
        # Of all providers' records, too.
        (lost,) = self.stack.operator.ids() - before
        self.stack.look_again(lambda run: run["reconciled"], since=time.time())
        settlement.await_states(self.cloud, self.stack.outputs, {lost: "reversed"})
        self.stack.read(True)

    def taken_out(self, ids):
        """Those that are named no longer are gone, but for their secrets and what they received."""
        self.parameters(Contracts="Bitlabs")
        assert not any(name.startswith("Cpx") for name in self.stack.resources.keys() | self.stack.outputs.keys())
        assert (self.send("cpx", GENUINE), self.send("bitlabs", GENUINE)) == (404, 200)
        self.parameters(**dict.fromkeys(PARAMETERS, "") | {"ContractSilenceHours": "0"})
        assert not any(name.startswith(tuple(CONTRACTS)) for name in self.stack.resources)
        assert set(ids.values()) <= settlement.states(self.cloud, self.stack.outputs).keys()
        manager = self.cloud.client("secretsmanager")
        for name in CONTRACTS.values():
            assert manager.get_secret_value(SecretId=f"callbacks/{name}/keys")["SecretString"], name
            manager.delete_secret(SecretId=f"callbacks/{name}/keys", ForceDeleteWithoutRecovery=True)
