"""The SAM CLI itself against the emulator: the template with its loops is deployed from a change set, its code is
synchronised, it is published to a stand-in of AWS Serverless Application Repository, and its stack is deleted."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import bundle
import emulated
from cloud import BUCKET
from places import PARTS, PROJECT, WORK
from processes import REGION, environment

sys.path.insert(0, str(PARTS))
from expanded import substituted  # noqa: E402

STACK = "callbacks-by-sam"
HOME = WORK / "sam"
# One that is written out, and one that a loop makes.
SYNCHRONISED = ("LedgerFunction", "DevtodevDeliveryFunction")


class SamCli:
    """The project in a folder of its own, with built functions, and the SAM CLI there."""

    def __init__(self, cloud, python):
        self.cloud, self.python = cloud, Path(python)
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        for name in ("samconfig.toml", "README.md", "LICENSE-MIT"):
            shutil.copy(PROJECT / name, HOME)
        for manifest in PROJECT.glob("functions/*/Cargo.toml"):
            name = manifest.parent.name
            packed = cloud.client("s3").get_object(Bucket=BUCKET, Key=f"{name}.zip")["Body"].read()
            zipfile.ZipFile(io.BytesIO(packed)).extractall(HOME / "functions" / name)
            (HOME / "functions" / name / "bootstrap").chmod(0o755)
        (HOME / "template.json").write_text(json.dumps(emulated.adapt_loops(self.plain("--plain"))))

    def plain(self, *words):
        """The template as expand.py prints it."""
        command = [self.python, PARTS / "expand.py", *words, PROJECT / "template.yaml"]
        return json.loads(subprocess.run(command, env=self.environment(), check=True, stdout=subprocess.PIPE).stdout)

    def environment(self):
        own = {"SAM_CLI_TELEMETRY": "0", "__SAM_CLI_APP_DIR": str(HOME / "app")}
        return environment(self.cloud.endpoint) | own

    def run(self, *words, code=0, more=None):
        """What a command says."""
        command = [self.python.parent / "sam", *words]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 300}
        ended = subprocess.run(command, env=self.environment() | (more or {}), cwd=HOME, input="y\n" * 9, **options)
        assert ended.returncode == code, (words, ended.returncode, ended.stdout[-4000:])
        return ended.stdout

    def deploy(self):
        """By samconfig.toml, and nothing else, the loops are deployed as they are written; what AWS's side makes of them
        is what the SAM CLI makes of them on this machine, but for where the packages are."""
        self.run("deploy", "--template-file", "template.json", "--stack-name", STACK, "--no-confirm-changeset")
        describe = self.cloud.describe(STACK)
        assert describe["StackStatus"] == "CREATE_COMPLETE", describe["StackStatus"]
        assert {tag["Key"] for tag in describe["Tags"]} == {"project", "environment"}, describe["Tags"]
        get = self.cloud.client("cloudformation").get_template
        original = get(StackName=STACK, TemplateStage="Original")["TemplateBody"]
        assert "Fn::ForEach::Receivers" in json.dumps(original), "the loops were expanded before they were deployed"
        # A JSON text, or what boto3 made of one.
        made = get(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
        made = substituted(json.loads(made) if isinstance(made, str) else json.loads(json.dumps(made)))
        ours = self.plain()
        emulated.without_metric_math(ours["Resources"])
        emulated.with_decided_conditions(ours["Conditions"], lambda _: False)
        for section in ("Conditions", "Outputs", "Parameters", "Resources"):
            theirs, own = (comparable(template[section]) for template in (made, ours))
            different = [name for name in theirs.keys() | own.keys() if theirs.get(name) != own.get(name)]
            assert not different, {name: (theirs.get(name), own.get(name)) for name in different}

    def synchronise(self):
        """`sam sync --code` gives functions another program, and no other function. (Nothing is built: the functions are
        there.)"""
        before = self.programs()
        for name in SYNCHRONISED:
            package = json.loads((HOME / "template.json").read_text())
            folder = HOME / code_uri(package, name)
            with (folder / "bootstrap").open("ab") as program:
                program.write(b"another")
        wanted = [word for name in SYNCHRONISED for word in ("--resource-id", name)]
        self.run("sync", "--code", "--template-file", "template.json", "--stack-name", STACK, *wanted, "--no-watch")
        after = self.programs()
        assert {name for name in before if before[name] != after[name]} == set(SYNCHRONISED), (before, after)

    def programs(self):
        """The digest of each function's package, by logical id."""
        ids = {physical: logical for logical, physical in self.cloud.resources(STACK).items()}
        functions = self.cloud.client("lambda").list_functions()["Functions"]
        return {ids[f["FunctionName"]]: f["CodeSha256"] for f in functions if f["FunctionName"] in ids}

    def publish(self):
        """`sam publish` takes what `sam package` makes, and sends what the template says of itself."""
        self.run("package", "--template-file", "template.json", "--s3-bucket", BUCKET, "--output-template-file", "packaged.yaml")
        with repository() as (url, published):
            said = self.run("publish", "--template", "packaged.yaml", "--region", REGION, more={"AWS_ENDPOINT_URL_SERVERLESSAPPLICATIONREPOSITORY": url})
        assert "Publish Succeeded" in said, said
        (application,) = published
        told = self.plain("--plain")["Metadata"]["AWS::ServerlessRepo::Application"]
        members = {"licenseUrl": "LICENSE-MIT", "readmeUrl": "README.md"}
        for member, file in members.items():
            _, _, bucket, key = application[member].split("/", 3)
            assert self.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == (PROJECT / file).read_bytes(), member
        for name, value in told.items():
            member = name[0].lower() + name[1:]
            assert member in members or application[member] == value, (member, application[member])
        assert "AWS::ServerlessRepo::Application" not in application["templateBody"]

    def delete(self):
        """`sam delete` leaves tables and secrets, and takes the packages along."""
        secrets = [physical for physical in self.cloud.resources(STACK).values() if physical.startswith(f"{STACK}/")]
        self.run("delete", "--stack-name", STACK, "--no-prompts", "--region", REGION)
        manager = self.cloud.client("secretsmanager")
        assert len(secrets) == len(bundle.KEYS) and all(manager.describe_secret(SecretId=secret) for secret in secrets), secrets
        tables = self.cloud.client("dynamodb").list_tables()["TableNames"]
        kept = [table for table in tables if table.startswith(f"{STACK}-")]
        assert len(kept) == 2, tables
        for secret in secrets:
            manager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
        emulated.free_names(self.cloud, kept)


def comparable(section):
    """A section of a template without where packages are, and whether they are built."""
    section = substituted(section)
    for resource in section.values():
        if resource.get("Type") == "AWS::Lambda::Function":
            del resource["Properties"]["Code"]
            resource["Metadata"].pop("SkipBuild", None)
    return section


def code_uri(template, name):
    """Where the code of a function is, which may be made by a loop over the mapping Upstreams."""
    if name in template["Resources"]:
        return template["Resources"][name]["Properties"]["CodeUri"]
    return template["Mappings"]["Upstreams"][name.removesuffix("DeliveryFunction")]["Package"]


@contextlib.contextmanager
def repository():
    """A stand-in of AWS Serverless Application Repository: its URL, and the applications that are created there."""
    published = []

    class Repository(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.path == "/applications", self.path
            published.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            answer = json.dumps({"applicationId": f"arn:aws:serverlessrepo:{REGION}:000000000000:applications/{published[-1]['name']}"}).encode()
            self.send_response(201)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Repository) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", published
        finally:
            server.shutdown()
            thread.join()
