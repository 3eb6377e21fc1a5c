package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

// serveFlags are the flags of `quayside serve`.
type serveFlags struct {
	addr            string
	region, account string
	credentials     string
	queuesFile      string
	queues          []string
	disk            diskFlags
	publicURL       string
	allowHosts      []string
	allowOrigins    []string
	logLevel        string
	tlsCert, tlsKey string
	faults          faultFlags
}

func newServeCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve SQS over HTTP",
		Long: `Serve Amazon SQS over HTTP, to any AWS SDK and the AWS CLI.

Queues and messages are kept in memory, or with --dir in a directory, where a
crash leaves them. What to export so that clients find the server is printed on
standard output, the log on standard error. /healthz, /readyz and /metrics
(Prometheus) are on the same port. SIGTERM or Ctrl-C stops the server: waiting
receives are answered, then it ends.`,
		Example: `  quayside serve --queue orders
  quayside serve --queue 'orders -> orders-dlq' --queue jobs.fifo
  quayside serve --dir /var/lib/quayside --queue orders
  quayside serve --queues queues.yaml --credentials ~/.aws/credentials --addr :9324`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.disk.given = cmd.Flags().Changed
			if err := f.check(); err != nil {
				return err
			}
			if err := serve(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
				return failure{err}
			}
			return nil
		},
	}
	f.register(cmd)
	return cmd
}

func (f *serveFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.addr, "addr", "127.0.0.1:9324", "`host:port` to listen on; port 0 takes a free one")
	flags.StringArrayVar(&f.queues, "queue", nil, "create this queue: `name`, or 'name -> dead-letter queue' (repeatable)")
	flags.StringVar(&f.queuesFile, "queues", "", "create the queues in this YAML `file`, with attributes, tags and dead-letter queues")
	f.disk.register(cmd)
	flags.StringVar(&f.region, "region", localqueue.DefaultRegion, "region of requests that name none")
	flags.StringVar(&f.account, "account", localqueue.DefaultAccount, "account, twelve `digits`, of keys that name none")
	flags.StringVar(&f.credentials, "credentials", "", "require signatures by the keys in this `file` (as ~/.aws/credentials), or in the environment: env")
	flags.StringVar(&f.publicURL, "public-url", "", "`URL` that clients reach the server at; default: the Host of each request")
	flags.StringArrayVar(&f.allowHosts, "allow-host", nil, "accept requests to this host `name`; * for any (repeatable)")
	flags.StringArrayVar(&f.allowOrigins, "allow-origin", nil, "accept web pages of this `origin`, such as http://localhost:3000; * for any (repeatable)")
	flags.StringVar(&f.tlsCert, "tls-cert", "", "serve HTTPS with this certificate, a PEM `file`")
	flags.StringVar(&f.tlsKey, "tls-key", "", "key of the certificate, a PEM `file`")
	f.faults.register(cmd)
	flags.StringVar(&f.logLevel, "log-level", "info", "`level`: error, warn, info, or debug for a line per request")
}

// check finds what is wrong with the flags by themselves, and puts them in the
// form that the rest of the command expects.
func (f *serveFlags) check() error {
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return fmt.Errorf("--addr %q: want host:port, such as 127.0.0.1:9324 or :9324", f.addr)
	}
	if (f.tlsCert == "") != (f.tlsKey == "") {
		return errors.New("--tls-cert and --tls-key need each other")
	}
	if _, ok := levels[f.logLevel]; !ok {
		return fmt.Errorf("--log-level %q: want error, warn, info or debug", f.logLevel)
	}
	if f.publicURL != "" {
		u, err := url.Parse(f.publicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || !isPort(u.Port()) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("--public-url %q: want http://host:port or https://host:port", f.publicURL)
		}
		f.publicURL = strings.TrimSuffix(f.publicURL, "/")
	}
	if err := f.disk.check(); err != nil {
		return err
	}
	if err := f.faults.check(); err != nil {
		return err
	}
	if err := f.checkAllowed(); err != nil {
		return err
	}
	return checkNamespace(f.region, f.account)
}

// checkAllowed finds hosts and origins that no request can have.
func (f *serveFlags) checkAllowed() error {
	for _, host := range f.allowHosts {
		if host == "" || strings.ContainsAny(host, "/ @") {
			return fmt.Errorf("--allow-host %q: want a host name, such as queues.test, or *", host)
		}
	}
	for _, origin := range f.allowOrigins {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || origin != u.Scheme+"://"+u.Host) {
			return fmt.Errorf("--allow-origin %q: want scheme://host:port as browsers send it, such as http://localhost:3000, or *", origin)
		}
	}
	return nil
}

// isPort reports whether a URL's port may be that: empty, or a number.
func isPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil
}
