"""The command `aws sqs`, in the shape of a boto3 client: one method per action, one process per call."""

import base64
import json
import os
import re
import subprocess


class ClientError(Exception):
    """What the command says on standard error, with the code where boto3 has it."""

    def __init__(self, stderr):
        super().__init__(stderr)
        code = re.match(r"An error occurred \((\S+)\)", stderr)
        self.response = {"Error": {"Code": code[1] if code else None}}


class Sqs:
    """Turns sqs.send_message(QueueUrl=u) into `aws sqs send-message --queue-url u`."""

    def __init__(self, command):
        # Version 1 of the command goes to AWS, whatever the environment says, unless this flag is there.
        self.command = [command, "--endpoint-url", os.environ["AWS_ENDPOINT_URL_SQS"], "--output", "json", "sqs"]

    def __getattr__(self, action):
        def call(**arguments):
            return self.run(action.replace("_", "-"), arguments)

        call.__name__ = action
        return call

    def run(self, action, arguments):
        flags = []
        for name, value in arguments.items():
            flags.append("--" + re.sub("(?<!^)(?=[A-Z])", "-", name).lower())
            flags.extend(words(value))
        done = subprocess.run(self.command + [action] + flags, capture_output=True, encoding="utf-8")
        if done.returncode != 0:
            raise ClientError(done.stderr.strip())
        reply = json.loads(done.stdout) if done.stdout.strip() else {}
        for message in reply.get("Messages", []):
            for attribute in message.get("MessageAttributes", {}).values():
                if "BinaryValue" in attribute:
                    attribute["BinaryValue"] = base64.b64decode(attribute["BinaryValue"])
        return reply


def words(value):
    """A parameter as a user would type it: words for a list of names, JSON for what has structure."""
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return value
    if isinstance(value, (list, dict)):
        return [json.dumps(value, default=bytes.decode)]
    return [str(value)]
