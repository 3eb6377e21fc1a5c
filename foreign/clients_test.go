package foreign_test

import "path/filepath"

// scenario names the steps of README.md.
var scenario = []string{
	"queues", "attributes", "send", "batch", "receive", "longpoll",
	"visibility", "fifo", "dlq", "tags", "errors", "delete",
}

// tidy keeps Python from leaving its caches beside the programs.
var tidy = []string{"PYTHONDONTWRITEBYTECODE=1"}

// separator is what lies between the folders of a list.
const separator = string(filepath.ListSeparator)

var clients = []client{
	{
		name:    "awscli",
		lock:    "awscli/requirements.txt",
		install: "awscli",
		steps:   scenario,
		env:     tidy,
		command: []string{python(), "awscli/main.py"},
	},
	{
		name:    "boto3",
		lock:    "boto3/requirements.txt",
		install: "boto3",
		steps:   scenario,
		env:     tidy,
		command: []string{python(), "boto3/main.py"},
	},
	{
		name:    "boto3-1.26",
		lock:    "boto3-1.26/requirements.txt",
		install: "boto3-1.26",
		steps:   scenario,
		env:     tidy,
		command: []string{python(), "boto3/main.py"},
	},
	{
		name:    "javascript",
		lock:    "javascript/package-lock.json",
		install: "javascript",
		steps:   scenario,
		env:     []string{"NODE_PATH=CACHE/node_modules"},
		command: []string{"node", "javascript/sdk/main.js"},
	},
	{
		name:    "sqs-consumer",
		lock:    "javascript/package-lock.json",
		install: "javascript",
		steps:   []string{"each", "batch", "heartbeat", "failure", "timeout", "abort", "missing", "delete"},
		env:     []string{"NODE_PATH=CACHE/node_modules"},
		command: []string{"node", "javascript/consumer/main.js"},
	},
	java("java", "sdk", scenario),
	java("jms", "jms", []string{"text", "bytes", "object", "acknowledge", "recover", "listener", "fifo", "delete"}),
	{
		name:    "rust",
		lock:    "rust/pinned.lock",
		install: "rust",
		steps:   scenario,
		build: []string{
			"cargo", "build", "--quiet", "--locked", "--offline",
			"--manifest-path", "rust/Cargo.toml", "--target-dir", "CACHE/target",
		},
		command: []string{"CACHE/target/debug/foreign"},
	},
}

// java is a client whose program, in a folder below java, is compiled for each run.
func java(name, folder string, steps []string) client {
	return client{
		name:    name,
		lock:    "java/pom.xml",
		install: "java",
		steps:   steps,
		build: []string{
			"javac", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-d", "TMP", "-cp", "CACHE/lib/*",
			"-sourcepath", "java/" + folder + separator + "java", "java/" + folder + "/Main.java",
		},
		command: []string{"java", "-cp", "TMP" + separator + "CACHE/lib/*", "Main"},
	}
}
