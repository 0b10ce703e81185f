package e2e
import ("testing";"time";"fmt";"os")
func TestTry(t *testing.T){
	s := newSite(t)
	p := newPage(t, look{})
	s.signIn(p, "/me/photo", "employee")
	p.drop(p.middle(), p.file("a.png", sample(t, "astronaut.png")))
	p.find("button", "Save photo")
	begin:=time.Now()
	p.wait("looked", func() bool { return !eval[bool](p, `document.querySelector('[data-editor]').hasAttribute('data-looking')`) })
	fmt.Println("looked", time.Since(begin))
	time.Sleep(time.Second)
	fmt.Println(eval[string](p, `document.querySelector('[data-part=notes]').innerText+' | '+document.querySelector('[data-part=status]').innerText`))
	fmt.Println(eval[string](p, `JSON.stringify(performance.getEntriesByType('resource').map(r=>r.name))`))
	os.Setenv("E2E_SCREENSHOTS","1")
	p.screenshot("try")
}
