package photo

import (
	"context"
	"strings"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// auditRows is how many entries a page of the audit log has.
const auditRows = 50

// AuditFilter chooses entries of the audit log; what is zero doesn't narrow the
// choice.
type AuditFilter struct {
	Who     string // who acted, by object id or userPrincipalName
	For     string // whose photo it is: the same, or the object id of a group
	Action  string
	Outcome string
	From    time.Time
	To      time.Time // not included
	Before  int64     // the AuditPage.Next of the page before
}

// AuditEntry is one line of the audit log.
type AuditEntry = audit.Record

// AuditPage is a part of the audit log, newest first.
type AuditPage = audit.Page

// AuditLog returns a page of the audit log for the helpdesk, each entry with
// whether it is as it was written. It reads the tenant of actor alone.
//
// It fails with fault.Forbidden for everybody else, and with fault.NotFound if
// f names somebody whom Microsoft 365 doesn't know by that name.
func (s *Service) AuditLog(ctx context.Context, actor directory.Actor, f AuditFilter) (AuditPage, error) {
	r, err := s.request(ctx, actor, seeAudit, directory.Me(), "")
	if err != nil {
		return AuditPage{}, err
	}
	filter, err := s.auditFilter(ctx, r, f)
	if err != nil {
		return AuditPage{}, err
	}
	return s.Audit.Page(ctx, filter, auditRows)
}

// ExportAudit calls do with every entry that f chooses, newest first, until it
// fails. That the log was exported is written to it first, and so is the newest
// of the entries where f chooses it.
//
// It fails as AuditLog does, and with what do returns.
func (s *Service) ExportAudit(ctx context.Context, actor directory.Actor, f AuditFilter, from Origin, do func(AuditEntry) error) error {
	r, err := s.request(ctx, actor, seeAudit, directory.Me(), "")
	if err != nil {
		return err
	}
	filter, err := s.auditFilter(ctx, r, f)
	if err != nil {
		return err
	}
	err = s.Store.Tx(ctx, func(tx *store.Tx) error {
		return s.Audit.Append(ctx, tx, audit.Entry{
			At: s.Now(), Tenant: r.actor.Tenant, Person: r.actor.ID, Role: r.actor.Role, Proof: audit.ProofIDToken, As: audit.AsDelegated,
			Action: audit.Export, Outcome: audit.Done, RequestID: from.RequestID,
			Name: r.actor.Name, Address: r.actor.UPN, IP: from.IP, Agent: from.Agent,
		})
	})
	if err != nil {
		return err
	}
	return s.Audit.Each(ctx, filter, do)
}

// auditFilter returns f as the log takes it: by object ids, in the actor's
// tenant.
func (s *Service) auditFilter(ctx context.Context, r request, f AuditFilter) (audit.Filter, error) {
	filter := audit.Filter{
		Tenant: r.actor.Tenant, Action: f.Action, Outcome: f.Outcome, From: f.From, To: f.To, Before: f.Before,
	}
	var err error
	if filter.Person, err = s.auditPerson(ctx, r, f.Who); err != nil {
		return filter, err
	}
	filter.Owner, err = s.auditPerson(ctx, r, f.For)
	return filter, err
}

// auditPerson returns the object id of whom name means, "" for nobody. The log
// knows people by their id: names stand in it sealed.
func (s *Service) auditPerson(ctx context.Context, r request, name string) (directory.ID, error) {
	id := directory.ID(strings.ToLower(strings.TrimSpace(name)))
	if id == "" || directory.IsGUID(id) {
		return id, nil
	}
	if _, err := directory.OfUser(id); err != nil { // it can't be anybody's
		return "", unknownInAudit(err)
	}
	var person directory.Person
	err := s.withToken(ctx, r, func(token string) (err error) {
		person, err = s.Graph.Person(ctx, token, id)
		return err
	})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.BadRequest) {
		return "", unknownInAudit(err)
	}
	return directory.ID(strings.ToLower(string(person.ID))), err
}

func unknownInAudit(err error) *fault.Error {
	return &fault.Error{Op: "photo.AuditLog", Kind: fault.NotFound, Say: words.M("audit.nobody"), Next: fault.NextRetry, Err: err}
}
