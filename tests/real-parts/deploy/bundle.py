"""The bundle as a stack: its packages, its template, its keys."""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import emulated
from cloud import BUCKET
from places import BUILT, PARTS, PROJECT, WORK
from processes import REGION, ROOT

sys.path.insert(0, str(PARTS))
import contract_rows  # noqa: E402

# Events' and functions' sample keys.
SAMPLES = json.loads((PROJECT / "events" / "env.json").read_text())
# The providers: who has sample callbacks.
PROVIDERS = sorted(file.parent.name for file in PROJECT.glob("functions/*/samples.json"))


def function_of(provider):
    """The logical id of a provider's receiving function."""
    return f"{provider.capitalize()}Function"


# Which function's sample keys belong into which secret of the stack.
KEYS = {f"{provider}/keys": (function_of(provider), "KEYS") for provider in PROVIDERS} | {
    "giveaway/api": ("GiveawayDeliveryFunction", "API_KEYS"),
    "devtodev/api": ("DevtodevDeliveryFunction", "API_KEYS"),
    "appvirality/api": ("AppviralityRedemptionFunction", "API_KEYS"),
}


def logical_id(package):
    """The logical id of the function that a package builds."""
    return "".join(word.capitalize() for word in package.split("-")) + "Function"


def program_of(function, scratch):
    """The function that `sam build` built, where that is said to be used; otherwise the one of `cargo build`."""
    if built := os.environ.get("BUILT_FUNCTIONS"):
        # One for all contracts, under the name of the first of them.
        first = next(iter(contract_rows.rows())) + "Function"
        return Path(built, first if function == "contract" else logical_id(function), "bootstrap")
    # Debugging information is two thirds of it, and all of it passes through the emulator more than once.
    if strip := shutil.which("strip"):
        stripped = Path(scratch) / function
        subprocess.run([strip, "-o", stripped, BUILT / function], check=True)
        return stripped
    return BUILT / function


def package(function, scratch):
    """What is deployed of a function."""
    program = program_of(function, scratch)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, program.read_bytes(), compresslevel=1)
    return packed.getvalue()


def upload(cloud):
    """Puts every function's package into the bucket."""
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    functions = sorted(manifest.parent.name for manifest in PROJECT.glob("functions/*/Cargo.toml"))
    with tempfile.TemporaryDirectory(dir=WORK) as scratch, ThreadPoolExecutor(os.cpu_count()) as threads:
        for function, packed in zip(functions, threads.map(lambda function: package(function, scratch), functions)):
            cloud.put(f"{function}.zip", packed)


def template(cloud, translator):
    """The template as the SAM translator expands it, with the packages in the bucket, adapted to the emulator.

    `translator` is the Python that has the SAM CLI."""
    command = [translator, PARTS / "expand.py", PROJECT / "template.yaml", BUCKET]
    offline = os.environ | ROOT | {"SAM_CLI_TELEMETRY": "0"}
    expanded = subprocess.run(command, env=offline, check=True, stdout=subprocess.PIPE)
    return emulated.adapt(cloud, json.loads(expanded.stdout))


def parameters(stand_ins):
    """Where the stand-ins take what is for the providers."""
    return {
        "GiveawayUrl": f"{stand_ins}/public/v1/giveaway/task/callback",
        "DevtodevUrl": f"{stand_ins}/track/install/v1/custom/",
        "AppviralityUrl": f"{stand_ins}/v2_0",
    }


def fill_in_keys(cloud, stack):
    """As README's "Keys" says."""
    put = cloud.client("secretsmanager").put_secret_value
    for secret, (function, variable) in KEYS.items():
        put(SecretId=f"{stack}/{secret}", SecretString=SAMPLES[function][variable])


def keys(cloud, stack):
    get = cloud.client("secretsmanager").get_secret_value
    return {secret: get(SecretId=f"{stack}/{secret}").get("SecretString", "") for secret in KEYS}


def secret_of(provider):
    """The first sample key of a provider."""
    return json.loads(SAMPLES[function_of(provider)]["KEYS"])["keys"][0]["secret"]
