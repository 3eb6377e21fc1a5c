package lambdaruntime

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// environment is that of a process: Options.Env, and over it what AWS documents for runtimes.
func (o Options) environment(api string) ([]string, error) {
	root, err := os.Getwd() // where the process is started
	if err != nil {
		return nil, err
	}
	return append(slices.Clip(o.Env), // the last of a name counts
		"AWS_LAMBDA_RUNTIME_API="+api,
		"_HANDLER="+o.Handler,
		"LAMBDA_TASK_ROOT="+root,
		"LAMBDA_RUNTIME_DIR="+root,
		"AWS_LAMBDA_FUNCTION_NAME="+o.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+strconv.Itoa(o.Memory),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+o.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+time.Now().UTC().Format("2006/01/02")+"/[$LATEST]"+hex(16),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_REGION="+o.Region,
		"AWS_DEFAULT_REGION="+o.Region,
		"TZ=:UTC",
	), nil
}

// traceID is a header of X-Ray's, of a trace that nobody records.
func traceID(now time.Time) string {
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), hex(12), hex(8))
}

// hex has n random bytes.
func hex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return fmt.Sprintf("%x", b)
}
