package photo

import (
	"context"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/store"
)

// noReceipt stands for a change that Graph's answer to isn't known.
var noReceipt graph.Receipt

// note writes what became of c into the audit log, within the transaction that
// makes it true.
func (s *Service) note(ctx context.Context, tx *store.Tx, r request, c *change, outcome string, receipt graph.Receipt) error {
	d := c.details
	e := entryOf(r, Order{Reason: d.Reason, Origin: d.Origin})
	e.Photo = c.Photo
	e.Proof = proofOf(d.Role)
	e.Person, e.Tenant, e.Role, e.Name, e.Address = c.Person, c.Tenant, d.Role, d.Name, d.UPN // r's actor may have overtaken another's change
	e.Action, e.Outcome, e.Code, e.Old, e.New = c.Act, outcome, d.Code, d.Old, c.ETag
	e.GraphRequestID, e.ClientRequestID = receipt.RequestID, receipt.ClientRequestID
	if e.GraphRequestID == "" {
		e.GraphRequestID = d.GraphRequestID
	}
	return s.Audit.Append(ctx, tx, e)
}

// noteRefusal writes into the audit log that decide refused o. That it can't be
// written changes nothing for the person; the request's own line in the log has
// the refusal too.
func (s *Service) noteRefusal(ctx context.Context, o order, err error) {
	e := entryOf(o.request, o.Order)
	e.Outcome, e.Code = audit.Refused, fault.As(err).Say.ID
	_ = s.Store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return s.Audit.Append(ctx, tx, e) })
}

// noteLook writes into the audit log that the helpdesk looks at what is kept
// about a photo. Nobody looks without that.
func (s *Service) noteLook(ctx context.Context, r request, o Order) error {
	e := entryOf(r, o)
	e.Outcome = audit.Done
	return s.Store.Tx(ctx, func(tx *store.Tx) error { return s.Audit.Append(ctx, tx, e) })
}

// entryOf returns what the audit log says of r, as far as r itself tells.
func entryOf(r request, o Order) audit.Entry {
	e := audit.Entry{
		Tenant: r.actor.Tenant, Person: r.actor.ID, Role: r.actor.Role, Proof: proofOf(r.actor.Role), As: audit.AsDelegated,
		Photo: r.key(), Action: string(r.act), Name: r.actor.Name, Address: r.actor.UPN, Reason: o.Reason,
		RequestID: o.Origin.RequestID, Item: o.Origin.Item, IP: o.Origin.IP, Agent: o.Origin.Agent,
	}
	if actsAsApp(r.actor, r.act, r.subject) {
		e.As = audit.AsApp
	}
	if r.person != nil {
		e.TargetName = r.person.DisplayName
	}
	return e
}

// proofOf says how role was proven.
func proofOf(role directory.Role) string {
	if role == directory.Operator {
		return audit.ProofOperator
	}
	return audit.ProofIDToken
}
