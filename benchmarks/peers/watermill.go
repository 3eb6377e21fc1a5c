package main

const watermillModule = "github.com/ThreeDotsLabs/watermill-aws"

// notHad is why watermill is named and not measured. Its router handles what a subscriber brings; a subscriber of
// this program's own would not be watermill's.
const notHad = "the module " + watermillModule + " cannot be required: the module proxy answered that no version of it is available"

var (
	watermill          = peer{name: "watermill-aws", absent: notHad}
	watermillPublisher = sender{name: "watermill-aws publisher", absent: notHad}
)
