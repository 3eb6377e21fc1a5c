package worker

// Prices are what SQS bills, in dollars (or what you like) for a million requests.
// A request of more than 64 KB of payload is billed as several; that is not counted
// here.
type Prices struct {
	Standard, FIFO float64
}

// USEast1 is the price list of us-east-1 beyond the free million a month, as
// published in 2025. Regions differ, and prices change.
var USEast1 = Prices{Standard: 0.40, FIFO: 0.50}

// Cost returns what a million messages cost at the rate that s shows: all
// requests of the worker for each message that it is done with (Done, Discarded,
// DeadLettered). The sender's requests are not among them. It is 0 if there are
// none yet.
func (s Stats) Cost(p Prices) float64 {
	done := s.Done + s.Discarded + s.DeadLettered
	if done == 0 {
		return 0
	}
	var requests int64
	for _, n := range s.Requests {
		requests += n
	}
	price := p.Standard
	if s.FIFO {
		price = p.FIFO
	}
	return float64(requests) / float64(done) * price
}
