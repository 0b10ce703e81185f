package photo

// Origin is where an order came from, for the audit log.
type Origin struct {
	RequestID string // ours
	IP        string
	Agent     string // family of the browser
	Item      string // of a batch; "" for none
}
