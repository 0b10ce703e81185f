package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portrait/internal/auth"
	"portrait/internal/fault"
)

const (
	// From so many days before its end on, a credential is amber, and then red:
	// whoever renews it must be found first.
	warnDays, alarmDays = 30, 7

	// Clocks that differ by more are amber, and red: assertions and ID tokens are
	// taken with five minutes' tolerance at most.
	//
	// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
	warnSkew, alarmSkew = 30 * time.Second, 2 * time.Minute

	// maxProbeBytes is how much of an answer is read.
	maxProbeBytes = 1 << 20
)

// hosts asks every host that Portrait speaks with whether it is there. Any answer
// will do.
func (k *checkup) hosts(ctx context.Context) {
	ask := func(client *http.Client, origin string) bool {
		_, _, err := k.ask(ctx, client, http.MethodGet, origin+"/", "")
		if err == nil {
			return true
		}
		k.add(finding{"hosts", red, fmt.Sprintf("%s can't be reached: %v", origin, err),
			"let this machine connect to it (firewall, DNS, HTTPS_PROXY), and compare PORTRAIT_CLOUD, PORTRAIT_OIDC_ISSUER and PORTRAIT_GRAPH_URL"})
		return false
	}
	all := true
	origins := auth.ProviderOrigins(k.config.Issuer)
	for _, origin := range origins {
		all = ask(k.issuer, origin) && all
	}
	all = ask(k.graph, k.config.GraphURL) && all
	if all {
		k.add(finding{"hosts", green, strings.Join(append(origins, k.config.GraphURL), " and ") + " answer", ""})
	}
}

// ask makes one call and returns its status and body. It notes the clock of
// whoever answers.
func (k *checkup) ask(ctx context.Context, client *http.Client, method, address, token string) (int, []byte, error) {
	status, _, body, err := k.exchange(ctx, client, method, address, token)
	return status, body, err
}

func (k *checkup) exchange(ctx context.Context, client *http.Client, method, address, token string) (int, http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("User-Agent", "Portrait check")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	begun := k.now()
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close() // it has been read
	if theirs, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		k.answers = append(k.answers, dated{req.URL.Host, theirs, begun, k.now()})
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxProbeBytes))
	return res.StatusCode, res.Header, body, err
}

// provider looks at the issuer's metadata, as a sign-in does.
func (k *checkup) provider(ctx context.Context) {
	if err := k.signIn.Ready(ctx); err != nil {
		k.add(finding{"issuer", red, k.config.Issuer + " doesn't say where to sign in: " + causeOf(err),
			"compare PORTRAIT_TENANT (the tenant's id, a GUID) and PORTRAIT_CLOUD with the registration's overview in Entra"})
		return
	}
	k.add(finding{"issuer", green, k.config.Issuer + " calls itself so, and its endpoints are its own", ""})
}

// credential asks for a token of the app's own.
func (k *checkup) credential(ctx context.Context) {
	token, err := k.signIn.App(ctx)
	if err != nil {
		k.add(finding{"credential", red, "the client credential isn't taken: " + causeOf(err),
			"make a new one in Entra (App registrations → Certificates & secrets) and compare PORTRAIT_CLIENT_ID; AADSTS7000215 is a wrong secret, 7000222 one that has run out, 700016 a wrong client id"})
		return
	}
	k.token = token
	k.add(finding{"credential", green, "the client credential is taken", ""})
}

// causeOf returns what is behind a fault, for operators.
func causeOf(err error) string {
	if e := fault.As(err); e != nil && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// credentialEnd says how long the credential still counts.
func (k *checkup) credentialEnd(ctx context.Context) {
	const name = "credential's end"
	if ends := k.config.Credential.Ends(); !ends.IsZero() {
		k.add(k.daysLeft(name, ends))
		return
	}
	if k.config.Credential.Hint() == "" {
		k.add(finding{name, green, "a federated token is replaced all the time", ""})
		return
	}
	if k.token == "" {
		k.add(finding{name, skipped, "can't be asked for without a token", ""})
		return
	}
	status, body, err := k.ask(ctx, k.graph, http.MethodGet, k.config.GraphURL+"/v1.0/applications(appId='"+url.PathEscape(k.config.ClientID)+"')?$select=passwordCredentials", k.token)
	if err != nil || status != http.StatusOK {
		k.add(finding{name, amber, fmt.Sprintf("when the client secret runs out can't be read (%d)", status),
			"note the day that Entra shows under Certificates & secrets, or use a certificate, whose end is in its file, or allow the application permission Application.Read.All"})
		return
	}
	k.add(k.daysLeft(name, endOf(body, k.config.Credential.Hint())))
}

// endOf returns when the secret with this hint runs out: the last of those that
// begin so. It is zero where there is none.
func endOf(body []byte, hint string) (last time.Time) {
	var app struct {
		Secrets []struct {
			Hint string    `json:"hint"`
			End  time.Time `json:"endDateTime"`
		} `json:"passwordCredentials"`
	}
	if json.Unmarshal(body, &app) != nil {
		return time.Time{}
	}
	for _, s := range app.Secrets {
		if s.Hint == hint && s.End.After(last) {
			last = s.End
		}
	}
	return last
}

func (k *checkup) daysLeft(name string, ends time.Time) finding {
	if ends.IsZero() {
		return finding{name, amber, "the registration doesn't list the secret that is set", "look under Certificates & secrets in Entra"}
	}
	days := int(ends.Sub(k.now()) / (24 * time.Hour))
	f := finding{name, green, fmt.Sprintf("%d days are left: %s", days, ends.UTC().Format(time.DateOnly)), ""}
	if days < warnDays {
		f.State, f.Remedy = amber, "make a new one in Entra now, set it here, restart, then delete the old one: docs/operate.md"
	}
	if days < alarmDays {
		f.State = red
	}
	return f
}

// redirect asks the provider, as a browser that nobody is signed in with would,
// whether it would send people back here. Nobody sees a page of it.
//
// Source: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
func (k *checkup) redirect(ctx context.Context) {
	callback := k.config.BaseURL.String() + "/auth/callback"
	address := k.signIn.ProbeURL(callback)
	if address == "" {
		k.add(finding{"redirect", skipped, "can't be asked for without the issuer", ""})
		return
	}
	status, header, body, err := k.exchange(ctx, k.issuer, http.MethodGet, address, "")
	const remedy = "list it in Entra under Authentication → Web → Redirect URIs, exactly so, or put PORTRAIT_URL right"
	switch location := header.Get("Location"); {
	case err == nil && status >= 300 && status < 400 && strings.HasPrefix(location, callback):
		k.add(finding{"redirect", green, callback + " is registered", ""})
	case err == nil && (status >= 400 || strings.Contains(string(body), "AADSTS50011") || strings.Contains(string(body), "AADSTS900971")):
		k.add(finding{"redirect", red, callback + " isn't registered: the provider answers " + http.StatusText(status), remedy})
	default:
		k.add(finding{"redirect", amber, "whether " + callback + " is registered can't be told from here", remedy})
	}
}

// clock compares this machine's clock with those of the hosts that answered,
// whose Date is a whole second.
func (k *checkup) clock(context.Context) {
	if len(k.answers) == 0 {
		k.add(finding{"clock", skipped, "no host has said what time it is", ""})
		return
	}
	worst, host := time.Duration(0), k.answers[0].host
	for _, a := range k.answers {
		if skew := skewOf(a); skew > worst {
			worst, host = skew, a.host
		}
	}
	f := finding{"clock", green, "it agrees with " + host + " to " + worst.Round(time.Second).String(), ""}
	if worst > warnSkew {
		f = finding{"clock", amber, fmt.Sprintf("it differs from %s's by %v", host, worst.Round(time.Second)),
			"set this machine's clock by NTP: timedatectl set-ntp true; sign-ins and certificates fail beyond five minutes"}
	}
	if worst > alarmSkew {
		f.State = red
	}
	k.add(f)
}

// skewOf is how far a's clock is from ours at least.
func skewOf(a dated) time.Duration {
	switch {
	case a.theirs.Add(time.Second).Before(a.begun):
		return a.begun.Sub(a.theirs.Add(time.Second))
	case a.theirs.After(a.done):
		return a.theirs.Sub(a.done)
	}
	return 0
}
