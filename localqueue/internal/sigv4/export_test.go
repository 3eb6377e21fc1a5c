package sigv4

// MaxSigners is the bound of Signers.
const MaxSigners = maxSigners

// Signers is how many signers v keeps.
func (v *Verifier) Signers() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.signers)
}
