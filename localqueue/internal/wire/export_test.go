package wire

// MaxKey is how long a key of a form may be.
const MaxKey = maxKey
