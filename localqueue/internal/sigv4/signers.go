package sigv4

import v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

// maxSigners bounds the signers kept. Beyond it all are dropped and made anew,
// which costs each key a few microseconds.
const maxSigners = 256

// signerID tells apart whatever a derived signing key depends on but the day. A
// signer keeps one derived key per Region and takes it for the key id's even if the
// secret has changed, so each gets a signer of its own.
type signerID struct{ keyID, secret, region string }

// newSigner leaves the headers where they are: a header that the client signed is
// not to become a query parameter.
func newSigner() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableHeaderHoisting = true })
}

// signer returns the signer of id, and whether it is one that was kept.
func (v *Verifier) signer(id signerID) (s *v4.Signer, known bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if s, known = v.signers[id]; known {
		return s, true
	}
	return newSigner(), false
}

// keep remembers the signer of a request that was found in order. Others are not
// kept, so a stranger cannot fill the table.
func (v *Verifier) keep(id signerID, s *v4.Signer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.signers == nil || len(v.signers) >= maxSigners {
		v.signers = make(map[signerID]*v4.Signer)
	}
	v.signers[id] = s
}
