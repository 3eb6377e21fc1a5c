package journaltest

import (
	"io/fs"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

func (d *Disk) Create(name string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call(Create, name); err != nil {
		return nil, err
	}
	if d.names[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	n := &inode{}
	d.names[name] = n
	d.changes = append(d.changes, change{to: name, node: n})
	return &file{d: d, n: n, name: name}, nil
}

func (d *Disk) Open(name string) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[name] == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if d.opening != nil {
		if err := d.opening(name); err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	return &file{d: d, n: d.names[name], name: name}, nil
}

func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call(Rename, from); err != nil {
		return err
	}
	n := d.names[from]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(d.names, from)
	d.names[to] = n
	d.changes = append(d.changes, change{from, to, n})
	return nil
}

func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call(Remove, name); err != nil {
		return err
	}
	n := d.names[name]
	if n == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(d.names, name)
	d.changes = append(d.changes, change{from: name, node: n})
	if d.free >= 0 {
		d.free += int64(len(n.data))
	}
	return nil
}

func (d *Disk) List() ([]string, error) { return d.Files(), nil }

func (d *Disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call(SyncDir, ""); err != nil {
		return err
	}
	for _, ch := range d.changes {
		ch.apply(d.durable)
	}
	d.changes = nil
	return nil
}
