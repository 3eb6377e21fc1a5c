package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

// faultFlags are the flags of what is to go wrong on purpose.
type faultFlags struct {
	rules []string
	seed  uint64

	faults localqueue.Faults // by check
}

func (f *faultFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.rules, "fault", nil, "have this go wrong: kind,rate=0.01[,action=name][,queue=name][,delay=1s], a `rule` of docs/serve.md (repeatable)")
	flags.Uint64Var(&f.seed, "fault-seed", 0, "`number` that says which calls the faults strike")
}

// check reads the rules.
func (f *faultFlags) check() error {
	f.faults = localqueue.Faults{Seed: f.seed}
	for _, text := range f.rules {
		rule, err := parseFault(text)
		if err == nil {
			err = refusedFault(rule)
		}
		if err != nil {
			return fmt.Errorf("--fault %q: %w", text, err)
		}
		f.faults.Rules = append(f.faults.Rules, rule)
	}
	return nil
}

// set puts the faults in force, if there are any.
func (f *faultFlags) set(q *localqueue.Server, log *slog.Logger) error {
	if len(f.faults.Rules) == 0 {
		return nil
	}
	log.Warn("calls will fail and messages come twice, or whatever --fault says", "rules", len(f.faults.Rules), "seed", f.seed)
	return q.SetFaults(f.faults)
}

// refusedFault is what a server says against a rule.
func refusedFault(rule localqueue.Fault) error {
	q := localqueue.New()
	defer q.Close()
	err := q.SetFaults(localqueue.Faults{Rules: []localqueue.Fault{rule}})
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "localqueue: Faults.Rules[0]: "))
}

// parseFault reads kind,name=value,... in any order of the names.
func parseFault(text string) (rule localqueue.Fault, err error) {
	kind, rest, more := strings.Cut(text, ",")
	rule.Kind = localqueue.FaultKind(kind)
	given := map[string]bool{}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		name, value, ok := strings.Cut(part, "=")
		if !ok || given[name] {
			return rule, fmt.Errorf("%q: want name=value, each once", part)
		}
		given[name] = true
		switch name {
		case "action":
			rule.Action = value
		case "queue":
			rule.Queue = value
		case "rate":
			if rule.Rate, err = strconv.ParseFloat(value, 64); err != nil {
				return rule, fmt.Errorf("rate %q: want a number from 0 to 1, such as 0.01", value)
			}
		case "delay":
			if rule.Delay, err = time.ParseDuration(value); err != nil {
				return rule, fmt.Errorf("delay %q: want a duration, such as 500ms", value)
			}
		default:
			return rule, fmt.Errorf("%q: want action, queue, rate or delay", name)
		}
	}
	if !given["rate"] {
		return rule, errors.New("want a rate, such as rate=0.01")
	}
	return rule, nil
}
