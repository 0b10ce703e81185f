package e2e

import (
	"math"
	"testing"
)

// longTaskMs is the longest that the page may be deaf while it looks for a
// face, in milliseconds.
const longTaskMs = 200

// watchTasks makes the page remember its long tasks, and when it looks for a
// face.
func (p *page) watchTasks() {
	p.t.Helper()
	eval[bool](p, `(() => {
		const seen = window.seenTasks = { tasks: [], from: Infinity, to: 0 };
		new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(e => ({ start: e.startTime, ms: e.duration }))))
			.observe({ type: 'longtask' });
		const editor = document.querySelector('[data-editor]');
		new MutationObserver(() => {
			if (editor.hasAttribute('data-looking')) seen.from = Math.min(seen.from, performance.now());
			else seen.to = performance.now();
		}).observe(editor, { attributes: true, attributeFilter: ['data-looking'] });
		return true;
	})()`)
}

// longestTask returns the longest task, in milliseconds, that the page began
// since watchTasks while it looked for a face; the one that opens the picture
// ends where the looking begins. It fails the test if the page never looked.
func (p *page) longestTask() float64 {
	p.t.Helper()
	type seen struct {
		Looked  bool
		For     float64 // ms
		Longest float64 // ms
		Tasks   int
	}
	got := eval[seen](p, `new Promise(done => setTimeout(() => {
		const { tasks, from, to } = window.seenTasks;
		const within = tasks.filter(t => t.start >= from && t.start < to);
		done({ Looked: to > from, For: to - from, Longest: Math.max(0, ...within.map(t => t.ms)), Tasks: within.length });
	}, 100))`) // an observer is told a little later
	p.t.Logf("looking for a face took %.0f ms; of %d tasks over 50 ms the longest took %.0f", got.For, got.Tasks, got.Longest)
	if !got.Looked {
		p.t.Error("the page did not look for a face")
	}
	return got.Longest
}

// TestThePageStaysAwake holds that looking for a face never holds the page up,
// also the first time, when everything is loaded. What else the machine does
// only makes tasks longer, so of three windows the quickest counts.
func TestThePageStaysAwake(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"astronaut.png", "sideways.jpg"} {
		t.Run(name, func(t *testing.T) {
			longest := math.Inf(1)
			for try := 0; try < 3 && longest > longTaskMs; try++ {
				p := newPage(t, look{})
				s.signIn(p, "/me/photo", "employee")
				p.watchTasks()
				p.dropSample(name)
				longest = min(longest, p.longestTask())
			}
			if longest > longTaskMs {
				t.Errorf("the page was held up for %.0f ms while it looked for a face, want at most %d", longest, longTaskMs)
			}
		})
	}
}
