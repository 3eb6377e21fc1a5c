package localqueue

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/hook"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// Dump is all that a server knows and has to find again after a crash, at an instant.
type Dump struct {
	Names  []engine.Name    // by number of the queue, deleted ones too
	Resume map[string]int64 // by name: when it may be used again
	Queues []QueueDump
}

// QueueDump is one queue: Rest is what time does not change.
type QueueDump struct {
	engine.QueueDump
	Rest      string
	Moving    bool   // a task runs
	Last      uint64 // sequence number
	Scope     bool   // GroupScope, from ScopeAt on
	Retention int64
}

// Dump is the state as it stands; nothing that time brought since the last call is in it.
func (s *Server) Dump() Dump {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		q.mu.Lock()
		defer q.mu.Unlock()
	}
	return dump(s.engine)
}

// Recover is what a server that is opened on dir finds, before it does anything.
func Recover(dir journal.Dir, now int64, relaxed bool) (Dump, error) {
	e := engine.New([16]byte{}, engine.NewMessages, DefaultMaxInFlight)
	e.Relaxed = relaxed
	paper := reader{new(engine.Ledger)}
	e.SetLogs(func(uint32) engine.Log { return paper })
	log, _, err := journal.Open(dir, journal.Options{SegmentSize: hook.LeastSegment}, func(x journal.Entry) error {
		return e.Replay(engine.Place{Segment: x.Pos.Segment, Offset: x.Pos.Offset, Length: x.Length}, x.Head)
	})
	if err != nil {
		return Dump{}, err
	}
	exists := map[uint32]bool{}
	for _, info := range log.Segments() {
		exists[info.Number] = true
	}
	if err := log.Close(); err != nil {
		return Dump{}, err
	}
	if err := e.Recovered(now, func(n uint32) bool { return exists[n] }); err != nil {
		return Dump{}, err
	}
	if err := e.Check(); err != nil {
		return Dump{}, err
	}
	return dump(e), nil
}

func dump(e *engine.Engine) Dump {
	all := e.Dump()
	d := Dump{Names: all.Names, Resume: map[string]int64{}}
	for name, at := range all.Reusable {
		d.Resume[name.Queue] = at
	}
	for _, q := range all.Queues {
		d.Queues = append(d.Queues, dumpQueue(q))
	}
	return d
}

func dumpQueue(q engine.QueueDump) QueueDump {
	config, err := json.Marshal(q.Config)
	if err != nil {
		panic(err)
	}
	moving := false
	tasks := slices.Clone(q.Tasks)
	for i, t := range tasks {
		moving = moving || t.Status == engine.Running
		if t.Status == engine.Running && t.Moved >= t.ToMove { // that is told with the next record
			tasks[i].Status = engine.Completed
		}
	}
	if q.ScopeAt == 0 {
		q.ScopeAt = engine.Never
	}
	return QueueDump{
		QueueDump: q, Moving: moving, Last: q.Seq % (1 << 32), // numbers leap after a crash
		Scope: q.Config.GroupScope, Retention: int64(q.Config.Retention),
		Rest: fmt.Sprintf("queue %d %s created %d modified %d purgeable %d tags %v tasks %v begun %d config %s",
			q.Number, q.Name, q.Created, q.Modified, q.Purgeable, q.Tags, tasks, q.TasksBegun, config),
	}
}
