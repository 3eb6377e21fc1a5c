package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// elasticmqVersion is the version of ElasticMQ that is compared.
const elasticmqVersion = "1.6.12"

// elasticmqProject is a Maven project that has it as its only dependency.
const elasticmqProject = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>peer</groupId><artifactId>peer</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>` + elasticmqVersion + `</version></dependency>
  </dependencies>
</project>
`

// elasticmqSettings are its configuration file, for a port.
const elasticmqSettings = `include classpath("application.conf")
node-address { host = "127.0.0.1", port = %[1]s }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = %[1]s }
rest-stats { enabled = false }
`

// elasticmqLogging keeps its log to errors: by default it writes a line for every queue.
const elasticmqLogging = `<configuration><root level="ERROR"/></configuration>
`

// fetchElasticmq has Maven fetch ElasticMQ, and keeps its settings in dir. It needs mvn and java.
func fetchElasticmq(ctx context.Context, dir string) (subject, error) {
	dir = filepath.Join(dir, "elasticmq")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return subject{}, err
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"pom.xml": elasticmqProject, "logback.xml": elasticmqLogging} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			return subject{}, err
		}
	}
	if _, err := output(ctx, dir, "mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile="+at("classpath")); err != nil {
		return subject{}, err
	}
	classpath, err := os.ReadFile(at("classpath"))
	if err != nil {
		return subject{}, err
	}
	return subject{warm: 15 * time.Second, start: func(ctx context.Context, own string) (*process.Process, error) {
		settings := filepath.Join(own, "elasticmq.conf")
		addr, err := process.FreeAddress()
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(settings, fmt.Appendf(nil, elasticmqSettings, port), 0o600); err != nil {
			return nil, err
		}
		return process.StartAt(ctx, addr, "java", "-Dconfig.file="+settings, "-Dlogback.configurationFile="+at("logback.xml"),
			"-cp", strings.TrimSpace(string(classpath)), "org.elasticmq.server.Main")
	}}, nil
}
