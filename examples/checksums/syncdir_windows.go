package main

// syncDir does nothing: Windows brings names to the disk by itself.
func syncDir(string) error { return nil }
