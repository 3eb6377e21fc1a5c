package api

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"sync"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// Ident makes what names a message to the outside: its MessageId, its receipt
// handles and its SequenceNumber. All derive from a key and from numbers the
// engine keeps, so that they need no memory, survive a restart with the key,
// and cannot be guessed.
type Ident struct {
	ids, handles cipher.Block
	scratch      sync.Pool // of *[33]byte, for ParseHandle
}

// strict takes no second spelling of a handle.
var strict = base64.StdEncoding.Strict()

// NewIdent derives what it needs from key.
func NewIdent(key [16]byte) *Ident {
	root := block(key)
	var a, b [16]byte
	root.Encrypt(a[:], []byte("message id      "))
	root.Encrypt(b[:], []byte("receipt handle  "))
	return &Ident{ids: block(a), handles: block(b), scratch: sync.Pool{New: func() any { return new([33]byte) }}}
}

func block(key [16]byte) cipher.Block {
	b, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // a key of 16 bytes is never refused
	}
	return b
}

// IDLength is the length of a MessageId, a UUID in text.
const IDLength = 36

// AppendID appends the MessageId of the message that origin names.
func (x *Ident) AppendID(b []byte, origin engine.Origin) []byte {
	at := len(b)
	b = binary.BigEndian.AppendUint64(b, uint64(origin.Queue)<<32)
	b = binary.BigEndian.AppendUint64(b, origin.Seq)
	x.ids.Encrypt(b[at:], b[at:]) // in place: what is handed to a cipher.Block goes to the heap
	p := [16]byte(b[at:])
	b = b[:at]
	p[6] = p[6]&0x0f | 0x40 // a UUID of version 4
	p[8] = p[8]&0x3f | 0x80
	const digits = "0123456789abcdef"
	for i, c := range p {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}

// A receipt handle is "AQEB" and the base64 of two blocks:
//
//	queue u32 | slot u32 | seq u64
//	time i64  | receive u32 | mark u32
//
// encrypted so that every bit of the result depends on every bit of both; a
// handle that was not made here does not decrypt to the mark.
const (
	handlePrefix = "AQEB"
	handleMark   = 0x71756179
	// HandleLength is the length of a receipt handle.
	HandleLength = len(handlePrefix) + 44
)

// AppendHandle appends the receipt handle of h.
func (x *Ident) AppendHandle(b []byte, h engine.Handle) []byte {
	at := len(b)
	b = binary.BigEndian.AppendUint32(b, h.Queue)
	b = binary.BigEndian.AppendUint32(b, h.Slot)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(h.At))
	b = binary.BigEndian.AppendUint32(b, h.Receive)
	b = binary.BigEndian.AppendUint32(b, handleMark)
	l, r := b[at:at+16], b[at+16:]
	x.handles.Encrypt(l, l)
	xor(r, l)
	x.handles.Encrypt(r, r)
	xor(l, r)
	x.handles.Encrypt(l, l)
	p := [32]byte(b[at:])
	b = append(b[:at], handlePrefix...)
	return base64.StdEncoding.AppendEncode(b, p[:])
}

// ParseHandle reads a receipt handle. False: it is not one of ours.
func (x *Ident) ParseHandle(s string) (h engine.Handle, ok bool) {
	if len(s) != HandleLength || s[:4] != handlePrefix {
		return h, false
	}
	p := x.scratch.Get().(*[33]byte)
	defer x.scratch.Put(p)
	if n, err := strict.Decode(p[:], []byte(s[4:])); err != nil || n != 32 {
		return h, false
	}
	l, r := p[:16], p[16:32]
	x.handles.Decrypt(l, l)
	xor(l, r)
	x.handles.Decrypt(r, r)
	xor(r, l)
	x.handles.Decrypt(l, l)
	if binary.BigEndian.Uint32(p[28:]) != handleMark {
		return h, false
	}
	return engine.Handle{
		Queue:   binary.BigEndian.Uint32(p[:]),
		Slot:    binary.BigEndian.Uint32(p[4:]),
		Seq:     binary.BigEndian.Uint64(p[8:]),
		At:      int64(binary.BigEndian.Uint64(p[16:])),
		Receive: binary.BigEndian.Uint32(p[24:]),
	}, true
}

func xor(dst, src []byte) {
	for i := range dst {
		dst[i] ^= src[i]
	}
}

// SequenceNumber is the 20 digits of a FIFO message's sequence number.
func SequenceNumber(seq uint64) string {
	b := append(make([]byte, 0, 20), "188"...)
	return string(strconv.AppendUint(b, 5e16+seq*256, 10)) // rises, with gaps, as SQS's do
}
