"""Runs the scenario through the command `aws`, which is expected beside the Python that runs this."""

import pathlib
import subprocess
import sys

import aws

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))
import check
import scenario

# Version 1 of the command takes text for Binary and encodes it itself, so it cannot send every byte.
check.ATTRIBUTES["logo"]["BinaryValue"] = "Pñg".encode()
check.ATTRIBUTES_MD5 = "8260b7ce0002d6da0cbde3af860fc71b"


def main():
    command = str(pathlib.Path(sys.executable).parent / "aws")
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    name = version.split()[0].replace("/", " ")
    return scenario.run(aws.Sqs(command), name, at_once=2)  # as its calls take half a second of a core each


if __name__ == "__main__":
    sys.exit(main())
