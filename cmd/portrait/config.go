package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"portrait/internal/audit"
	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/words"
)

// settings are the environment variables as they are written; config is what
// they mean. docs/settings.md has the same table.
type settings struct {
	Addr           string   `env:"PORTRAIT_ADDR" envDefault:"127.0.0.1:8080"`
	URL            string   `env:"PORTRAIT_URL"`
	Tenant         string   `env:"PORTRAIT_TENANT"`
	Cloud          string   `env:"PORTRAIT_CLOUD" envDefault:"global"`
	Issuer         string   `env:"PORTRAIT_OIDC_ISSUER"`
	GraphURL       string   `env:"PORTRAIT_GRAPH_URL"`
	ClientID       string   `env:"PORTRAIT_CLIENT_ID"`
	ClientSecret   string   `env:"PORTRAIT_CLIENT_SECRET"`
	Certificate    string   `env:"PORTRAIT_CLIENT_CERTIFICATE"`
	TokenFile      string   `env:"PORTRAIT_FEDERATED_TOKEN_FILE"`
	Database       string   `env:"PORTRAIT_DATABASE" envDefault:"portrait.db"`
	Keys           []string `env:"PORTRAIT_KEYS"`
	AuditKeys      []string `env:"PORTRAIT_AUDIT_KEYS"`
	AuditDays      int      `env:"PORTRAIT_AUDIT_DAYS" envDefault:"365"`
	HelpdeskRole   string   `env:"PORTRAIT_HELPDESK_ROLE" envDefault:"Helpdesk"`
	Protected      []string `env:"PORTRAIT_PROTECTED"`
	ProtectAdmins  string   `env:"PORTRAIT_PROTECT_ADMINS" envDefault:"on"`
	GroupScope     string   `env:"PORTRAIT_GROUP_SCOPE" envDefault:"Group.ReadWrite.All"`
	GraphSlots     string   `env:"PORTRAIT_GRAPH_SLOTS" envDefault:"16"`
	ApprovalAbove  string   `env:"PORTRAIT_APPROVAL_ABOVE" envDefault:"100"`
	Spool          string   `env:"PORTRAIT_SPOOL"`
	HistoryPhotos  int      `env:"PORTRAIT_HISTORY_PHOTOS" envDefault:"5"`
	HistoryDays    int      `env:"PORTRAIT_HISTORY_DAYS" envDefault:"90"`
	Saves          string   `env:"PORTRAIT_SAVES_PER_HOUR" envDefault:"60"`
	SignIns        string   `env:"PORTRAIT_SIGNINS_PER_MINUTE" envDefault:"6000"`
	TrustedProxies []string `env:"PORTRAIT_TRUSTED_PROXIES"`
	Metrics        string   `env:"PORTRAIT_METRICS_ADDR"`
	Log            string   `env:"PORTRAIT_LOG" envDefault:"info"`
	Notice         string   `env:"PORTRAIT_NOTICE"`
}

// maxGraphSlots is the largest PORTRAIT_GRAPH_SLOTS: each slot is a row that every
// replica reads whenever it looks for one.
const maxGraphSlots = 256

// secrets can also be given as the path of a file, in the variable + "_FILE".
var secrets = []string{"PORTRAIT_CLIENT_SECRET", "PORTRAIT_KEYS", "PORTRAIT_AUDIT_KEYS", "PORTRAIT_DATABASE"}

// config is everything that can be set, checked.
type config struct {
	Addr           string
	BaseURL        *url.URL // without a path
	Tenant         directory.ID
	Issuer         string
	GraphURL       string // without the version
	ScopePrefix    string // of Graph's delegated permissions; "" in the global cloud
	ClientID       string
	Credential     auth.Credential // of ClientID
	Database       string
	Keys           *store.Ring
	AuditKeys      *audit.KeyRing
	AuditAge       time.Duration // how long entries of the audit log are kept
	HelpdeskRole   string
	Protected      []directory.ID // object ids of people whom the helpdesk leaves alone
	ProtectAdmins  bool           // and holders of directory roles
	GroupScope     string         // the permission that photos of groups are changed with
	GraphSlots     int            // most calls on photos at once
	ApprovalAbove  int            // batches of more items need a second person; 0 = none does
	Spool          string         // folder for zips on their way
	HistoryPhotos  int            // kept of each photo, 0 = none
	HistoryAge     time.Duration  // for so long
	SavesPerHour   int            // of one person
	SignInsPerMin  int            // of one address
	TrustedProxies []netip.Prefix
	MetricsAddr    string // where metrics are served, "" = nowhere
	Traces         bool   // are sent, as the OTEL_ variables say
	LogLevel       slog.Level
	Notice         map[string]string // by language, "" for all others; empty = none
	NoticeLink     string
	Now            func() time.Time // time.Now; tests have other clocks
}

// clouds are Microsoft's, with the hosts of sign-in and Graph.
//
// Source: https://learn.microsoft.com/graph/deployments
var clouds = map[string]struct{ login, graph string }{
	"global":    {"https://login.microsoftonline.com", "https://graph.microsoft.com"},
	"usgov":     {"https://login.microsoftonline.us", "https://graph.microsoft.us"},
	"usgov-dod": {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
	"china":     {"https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"},
}

// environment returns the PORTRAIT_ variables, as withFiles does. This is the
// only place that reads them.
func environment() (map[string]string, error) { return withFiles(env.ToMap(os.Environ())) }

// settingsFrom returns the settings in the file at path, NAME=value a line as
// systemd and containers read them; those of the environment for "".
func settingsFrom(path string) (map[string]string, error) {
	if path == "" {
		return environment()
	}
	text, err := os.ReadFile(path) // #nosec G304 -- what the operator names on the command line
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d of %s isn't NAME=value", n+1, path)
		}
		if unquoted, err := strconv.Unquote(value); err == nil {
			value = unquoted
		}
		all[name] = value
	}
	return withFiles(all)
}

// withFiles returns the settings in all with the contents of the files that
// …_FILE settings name.
func withFiles(all map[string]string) (map[string]string, error) {
	var errs []error
	for _, name := range secrets {
		path, ok := all[name+"_FILE"]
		if !ok || path == "" {
			continue
		}
		if all[name] != "" {
			errs = append(errs, fmt.Errorf("%s and %s_FILE are both set: keep one", name, name))
			continue
		}
		content, err := os.ReadFile(path) // #nosec G304 -- the operator's setting
		if err != nil {
			errs = append(errs, fmt.Errorf("%s_FILE can't be read: %w", name, err))
			continue
		}
		all[name] = strings.TrimSpace(string(content))
	}
	return all, errors.Join(errs...)
}

// parseConfig reads and checks the settings in vars. It fails with one sentence
// for each wrong or missing value, all at once. vars loses its empty values.
func parseConfig(vars map[string]string) (config, error) {
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" }) // an empty variable is an absent one
	var s settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: vars}); err != nil {
		return config{}, err
	}
	var p problems
	c := config{
		Addr: s.Addr, ClientID: s.ClientID, Database: s.Database,
		HelpdeskRole: s.HelpdeskRole, ProtectAdmins: s.ProtectAdmins == "on", Now: time.Now,
	}
	c.BaseURL = p.baseURL(s)
	p.microsoft(s, &c)
	p.need(s.ClientID != "", "PORTRAIT_CLIENT_ID is missing: the application (client) id of the app registration")
	c.Credential = p.credential(s)
	c.Protected = p.people(s.Protected)
	p.need(s.ProtectAdmins == "on" || s.ProtectAdmins == "off", "PORTRAIT_PROTECT_ADMINS is %q: it can be on or off", s.ProtectAdmins)
	c.GroupScope = p.groupScope(s.GroupScope)
	c.GraphSlots = p.graphSlots(s.GraphSlots)
	c.ApprovalAbove = p.approvalAbove(s.ApprovalAbove)
	c.Spool = p.folder("PORTRAIT_SPOOL", cmp.Or(s.Spool, os.TempDir()))
	c.Keys = p.keys(s.Keys)
	p.need(s.HistoryPhotos >= 0 && s.HistoryPhotos <= 100, "PORTRAIT_HISTORY_PHOTOS is %d: it is how many earlier photos are kept, from 0 to 100", s.HistoryPhotos)
	p.need(s.HistoryDays >= 1 && s.HistoryDays <= 3650, "PORTRAIT_HISTORY_DAYS is %d: it is how many days earlier photos are kept, from 1 to 3650", s.HistoryDays)
	c.HistoryPhotos, c.HistoryAge = s.HistoryPhotos, time.Duration(s.HistoryDays)*24*time.Hour
	c.AuditKeys = p.auditKeys(s.AuditKeys, s.Keys)
	c.AuditAge = p.days("PORTRAIT_AUDIT_DAYS", s.AuditDays)
	c.SavesPerHour = p.atLeastOne("PORTRAIT_SAVES_PER_HOUR", s.Saves)
	c.SignInsPerMin = p.atLeastOne("PORTRAIT_SIGNINS_PER_MINUTE", s.SignIns)
	c.TrustedProxies = p.prefixes(s.TrustedProxies)
	c.MetricsAddr, c.Traces = p.listener("PORTRAIT_METRICS_ADDR", s.Metrics, s.Addr), wantsTraces(vars)
	p.need(c.LogLevel.UnmarshalText([]byte(s.Log)) == nil, "PORTRAIT_LOG is %q: it can be debug, info or warn", s.Log)
	p.notice(s.Notice, &c)
	return c, errors.Join(p...)
}

// parseAuditConfig reads the few settings in vars that the audit log takes by
// itself. A database that isn't there isn't made: an empty one would look as if
// nothing were wrong.
func parseAuditConfig(vars map[string]string) (config, error) {
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" })
	var s settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: vars}); err != nil {
		return config{}, err
	}
	var p problems
	c := config{Database: s.Database, Tenant: directory.ID(strings.ToLower(s.Tenant))}
	c.Keys, c.AuditKeys = p.keys(s.Keys), p.auditKeys(s.AuditKeys, s.Keys)
	p.find(s.Database)
	return c, errors.Join(p...)
}

// parseKeysConfig reads the two settings in vars that keys take, as
// parseAuditConfig does.
func parseKeysConfig(vars map[string]string) (config, error) {
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" })
	var s settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: vars}); err != nil {
		return config{}, err
	}
	var p problems
	c := config{Database: s.Database, Keys: p.keys(s.Keys)}
	p.find(s.Database)
	return c, errors.Join(p...)
}

// parseStoreConfig reads the few settings in vars that the database takes by
// itself.
func parseStoreConfig(vars map[string]string) (config, error) {
	maps.DeleteFunc(vars, func(_, value string) bool { return value == "" })
	var s settings
	if err := env.ParseWithOptions(&s, env.Options{Environment: vars}); err != nil {
		return config{}, err
	}
	var p problems
	c := config{Database: s.Database}
	c.Keys = p.keys(s.Keys)
	return c, errors.Join(p...)
}

// problems gathers what is wrong, one sentence each.
type problems []error

func (p *problems) need(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Errorf(format, args...))
	}
}

// baseURL returns the site's public address: the setting, or what it listens on.
func (p *problems) baseURL(s settings) *url.URL {
	raw := cmp.Or(s.URL, "http://"+s.Addr)
	u, err := url.Parse(strings.TrimSuffix(raw, "/"))
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		p.need(false, "PORTRAIT_URL is %q: it is an address without a path, like https://portrait.example.com", raw)
		return nil
	}
	p.need(u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()),
		"PORTRAIT_URL is %q: it must be https, or http on this machine (127.0.0.1, localhost)", raw)
	return u
}

// microsoft fills in where the tenant's sign-in and Graph are.
func (p *problems) microsoft(s settings, c *config) {
	c.Tenant = directory.ID(strings.ToLower(s.Tenant))
	p.need(directory.IsGUID(c.Tenant), "PORTRAIT_TENANT is %q: it is the tenant's id, a GUID such as 00000000-0000-0000-0000-000000000000", s.Tenant)
	cloud, ok := clouds[s.Cloud]
	if !ok {
		p.need(false, "PORTRAIT_CLOUD is %q: it can be global, usgov, usgov-dod or china", s.Cloud)
		return
	}
	c.Issuer = cmp.Or(s.Issuer, cloud.login+"/"+string(c.Tenant)+"/v2.0")
	c.GraphURL = strings.TrimSuffix(cmp.Or(s.GraphURL, cloud.graph), "/")
	if s.Cloud != "global" {
		c.ScopePrefix = cloud.graph + "/"
	}
	for _, setting := range [][2]string{{"PORTRAIT_OIDC_ISSUER", c.Issuer}, {"PORTRAIT_GRAPH_URL", c.GraphURL}} {
		name, raw := setting[0], setting[1]
		u, err := url.Parse(raw)
		p.need(err == nil && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())),
			"%s is %q: it must be an https address, or http on this machine", name, raw)
	}
}

func (p *problems) graphSlots(raw string) int {
	n, err := strconv.Atoi(raw)
	p.need(err == nil && n >= 1 && n <= maxGraphSlots,
		"PORTRAIT_GRAPH_SLOTS is %q: it is the highest number of calls on photos at once, 1 to %d", raw, maxGraphSlots)
	return n
}

func (p *problems) approvalAbove(raw string) int {
	n, err := strconv.Atoi(raw)
	p.need(err == nil && n >= 0 && n <= maxOften,
		"PORTRAIT_APPROVAL_ABOVE is %q: a batch with more items than this needs a second person, 0 to %d; 0 is for none", raw, maxOften)
	return n
}

// listener returns an address to listen on, which mustn't be the site's: anybody
// can open that.
func (p *problems) listener(name, addr, site string) string {
	_, _, err := net.SplitHostPort(addr)
	p.need(addr == "" || err == nil && addr != site, "%s is %q: it is a host and port of its own, like 127.0.0.1:9090", name, addr)
	return addr
}

func (p *problems) folder(name, path string) string {
	info, err := os.Stat(path)
	p.need(err == nil && info.IsDir(), "%s is %q: it must be a folder that is there", name, path)
	return path
}

// maxOften is the largest number of times that a limit can say; more is no
// limit.
const maxOften = 1_000_000

func (p *problems) atLeastOne(name, raw string) int {
	n, err := strconv.Atoi(raw)
	p.need(err == nil && n >= 1 && n <= maxOften, "%s is %q: it is a whole number from 1 to %d", name, raw, maxOften)
	return n
}

func (p *problems) prefixes(raw []string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, r := range raw {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(r))
		p.need(err == nil, "PORTRAIT_TRUSTED_PROXIES has %q: it is a list of ranges like 10.0.0.0/8, parted by commas", r)
		prefixes = append(prefixes, prefix)
	}
	return prefixes
}

// notice reads "text" or "text,link". The text may have others behind it, each
// for one language: "text | zh-Hans: 文字".
func (p *problems) notice(raw string, c *config) {
	if i := strings.LastIndex(raw, ","); i > 0 {
		link := strings.TrimSpace(raw[i+1:])
		if u, err := url.Parse(link); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
			c.NoticeLink, raw = link, raw[:i]
		}
	}
	c.Notice = map[string]string{}
	for i, text := range strings.Split(raw, "|") {
		tag := ""
		if i > 0 {
			tag, text, _ = strings.Cut(text, ":")
			tag = strings.TrimSpace(tag)
			p.need(slices.Contains(words.Languages, tag), "PORTRAIT_NOTICE has %q behind |, where one of %s and a colon come", tag, strings.Join(words.Languages, ", "))
		}
		if text = strings.TrimSpace(text); text != "" {
			c.Notice[tag] = text
		}
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
