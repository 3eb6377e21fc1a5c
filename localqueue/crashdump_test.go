package localqueue

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/hook"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// Dump is all that a server knows and has to find again after a crash, at an instant.
// It is read out of the engine by reflection, so that nothing in there exists for
// tests alone.
type Dump struct {
	Names  []string // by number of the queue, deleted ones too
	Resume map[string]int64
	Queues []QueueDump
}

// QueueDump is one queue: Rest is what time does not change.
type QueueDump struct {
	Rest       string
	Moving     bool   // a task runs
	Last       uint64 // sequence number
	FIFO       bool
	GroupScope bool  // in force
	ScopeAt    int64 // when Scope is
	Scope      bool
	Retention  int64
	Messages   []MessageDump
	Accepted   []AcceptedDump
	Attempts   []AttemptDump
}

// MessageDump is a message, but for its content and where that stands.
type MessageDump struct {
	Seq             uint64
	Sent, Due       int64
	State           string
	Receives, First uint64
	Flags           uint64
	Group           string
	Queue, Number   uint64 // of its origin
	Source, Base    uint64
	FirstSeen       int64
}

// AcceptedDump is an entry of the deduplication memory.
type AcceptedDump struct {
	Seq uint64
	At  int64
}

// AttemptDump is a remembered receive.
type AttemptDump struct {
	At   int64
	Text string
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
	d := Dump{Resume: map[string]int64{}}
	for n := uint32(1); e.ARN(n) != ""; n++ {
		d.Names = append(d.Names, e.ARN(n))
	}
	for names := field(e, "reusable").MapRange(); names.Next(); {
		d.Resume[names.Key().FieldByName("Queue").String()] = names.Value().Int()
	}
	for _, q := range e.Queues() {
		d.Queues = append(d.Queues, dumpQueue(q))
	}
	return d
}

// field follows names from a pointer to a struct.
func field(from any, names ...string) reflect.Value {
	v := reflect.ValueOf(from)
	for _, name := range names {
		if v = reflect.Indirect(v).FieldByName(name); !v.IsValid() {
			panic("the engine has no field " + name + " any more")
		}
	}
	return v
}

func dumpQueue(q *engine.Queue) QueueDump {
	s := q.Messages
	config, err := json.Marshal(q.Config)
	if err != nil {
		panic(err)
	}
	tasks := q.LatestTasks(engine.KeptTasks)
	moving := false
	for i, t := range tasks {
		moving = moving || t.Status == engine.Running
		if t.Status == engine.Running && t.Moved >= t.ToMove { // that is told with the next record
			tasks[i].Status = engine.Completed
		}
	}
	d := QueueDump{
		Moving: moving, Last: q.Messages.Arrivals() % (1 << 32), // numbers leap after a crash
		FIFO: q.Config.FIFO, Retention: int64(q.Config.Retention),
		GroupScope: field(s, "dedup", "group").Bool(), ScopeAt: field(s, "scopeAt").Int(), Scope: q.Config.GroupScope,
		Rest: fmt.Sprintf("queue %d %s created %d modified %d purgeable %d tags %v tasks %v begun %d config %s",
			q.Number, q.Name, q.Created, q.Modified, field(q, "purgeable").Int(), q.Tags, tasks,
			field(q, "tasksBegun").Uint(), config),
	}
	d.slots(s)
	d.backlog(s)
	slices.SortFunc(d.Messages, func(a, b MessageDump) int { return int(a.Seq) - int(b.Seq) })
	entries := field(s, "dedup", "queue")
	for i := range entries.Len() {
		e := entries.Index(i)
		d.Accepted = append(d.Accepted, AcceptedDump{e.FieldByName("seq").Uint(), e.FieldByName("at").Int()})
	}
	attempts, byID := field(s, "attempts", "queue"), field(s, "attempts", "byID")
	for i := range attempts.Len() {
		p := attempts.Index(i)
		if x := p.Elem(); byID.MapIndex(x.FieldByName("id")).Pointer() == p.Pointer() {
			d.Attempts = append(d.Attempts, attemptOf(x))
		}
	}
	return d
}

func attemptOf(x reflect.Value) AttemptDump {
	text, taken := fmt.Sprintf("attempt %q:", x.FieldByName("id").String()), x.FieldByName("taken")
	for i := range taken.Len() {
		h := taken.Index(i)
		text += fmt.Sprintf(" %d#%d", h.FieldByName("Seq").Uint(), h.FieldByName("Receive").Uint())
	}
	return AttemptDump{x.FieldByName("at").Int(), text}
}

// slots dumps the messages that have one.
func (d *QueueDump) slots(s engine.Messages) {
	first, chunks := field(s, "slots", "first"), field(s, "slots", "chunks")
	groups, names, moved := field(s, "groups", "all"), field(s, "groups", "names", "blocks"), field(s, "moved")
	states := []string{"", "delayed", "visible", "in flight"}
	for id := range int(field(s, "slots", "used").Uint()) {
		var m reflect.Value
		if n := first.Elem().Len(); id < n {
			m = first.Elem().Index(id)
		} else {
			chunk := chunks.Index(0).Elem().Len()
			m = chunks.Index(id / chunk).Elem().Index(id % chunk)
		}
		u := func(name string) uint64 { return m.FieldByName(name).Uint() }
		if id == 0 || u("state") == 0 {
			continue
		}
		x := MessageDump{
			Seq: u("seq"), Sent: m.FieldByName("sent").Int(), Due: m.FieldByName("due").Int(), State: states[u("state")],
			Receives: u("receives"), First: u("first"), Flags: u("flags") & 3,
		}
		if x.State == "visible" && !d.FIFO {
			x.Due = 0 // means nothing there
		}
		if gid := u("group"); gid != 0 {
			at := groups.Index(int(gid)).FieldByName("name")
			record := names.Index(int(at.FieldByName("block").Uint())).FieldByName("data").Bytes()[at.FieldByName("offset").Uint():]
			length := int(record[4]) | int(record[5])<<8
			x.Group = string(record[8 : 8+length])
		}
		if x.Flags&2 != 0 {
			a := moved.MapIndex(m.FieldByName("seq"))
			x.Queue, x.Number = a.FieldByName("origin").FieldByName("Queue").Uint(), a.FieldByName("origin").FieldByName("Seq").Uint()
			x.Source, x.Base, x.FirstSeen = a.FieldByName("source").Uint(), a.FieldByName("base").Uint(), a.FieldByName("first").Int()
		}
		d.Messages = append(d.Messages, x)
	}
}

// backlog dumps the messages that nobody ever received.
func (d *QueueDump) backlog(s engine.Messages) {
	chunks := field(s, "cold", "chunks")
	for i := range chunks.Len() {
		c := chunks.Index(i)
		entries := c.FieldByName("entries")
		for j := range entries.Len() {
			if where, when := entries.Index(j).FieldByName("where").Uint(), entries.Index(j).FieldByName("when").Uint(); where != 0 {
				d.Messages = append(d.Messages, MessageDump{
					Seq: c.FieldByName("seq").Uint() + when>>48, Sent: c.FieldByName("sent").Int() + int64(when&(1<<48-1)), State: "visible",
				})
			}
		}
	}
}
