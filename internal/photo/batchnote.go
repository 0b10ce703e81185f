package photo

import (
	"context"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
)

// BatchAct is what somebody does with a batch as a whole, as the audit log has
// it. What becomes of its items stands there by itself.
type BatchAct string

// What is done with batches.
const (
	BatchCreate   BatchAct = "batchCreate"
	BatchAsk      BatchAct = "batchAsk" // for the approval of a second person
	BatchApprove  BatchAct = "batchApprove"
	BatchStart    BatchAct = "batchStart"
	BatchPause    BatchAct = "batchPause" // by somebody, or by Portrait: Code says why
	BatchResume   BatchAct = "batchResume"
	BatchCancel   BatchAct = "batchCancel"
	BatchRetry    BatchAct = "batchRetry"
	BatchFinish   BatchAct = "batchFinish"   // with the failed items that it has
	BatchRollBack BatchAct = "batchRollBack" // a batch was made that undoes it
	BatchReport   BatchAct = "batchReport"   // its report was downloaded
)

// BatchNote is what the audit log says of a batch.
type BatchNote struct {
	Act    BatchAct
	Batch  string
	Reason string
	Code   string // id of the sentence that says why, "" = none
	Denied bool   // it was refused
}

type originKey struct{}

// WithOrigin returns a context that knows where a request came from: what is
// done with batches takes it from there.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// NoteBatch writes n into the audit log, within the transaction that makes it
// true. Whoever else writes there waits until that ends, so it comes last in it.
// The zero actor but for its tenant is Portrait itself.
func (s *Service) NoteBatch(ctx context.Context, tx *store.Tx, actor directory.Actor, n BatchNote) error {
	from, _ := ctx.Value(originKey{}).(Origin) // none where no request is at work
	e := audit.Entry{
		At: s.Now(), Tenant: actor.Tenant, Person: actor.ID, Role: actor.Role, Proof: proofOf(actor.Role), As: audit.AsDelegated,
		Action: string(n.Act), Outcome: audit.Done, Code: n.Code, Item: n.Batch, Reason: n.Reason,
		RequestID: from.RequestID, Name: actor.Name, Address: actor.UPN, IP: from.IP, Agent: from.Agent,
	}
	if actor.Role == directory.Operator || actor.ID == "" {
		e.Proof, e.As = audit.ProofOperator, audit.AsOperator
	}
	if n.Denied {
		e.Outcome = audit.Refused
	}
	return s.Audit.Append(ctx, tx, e)
}
