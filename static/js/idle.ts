/** Resolves when the page is drawn and the browser has nothing better to do; 2 seconds at most after it is asked. */
export function idle(): Promise<void> {
	return new Promise(done => {
		if (typeof requestIdleCallback === 'function') requestIdleCallback(() => done(), { timeout: 2000 });
		else setTimeout(done, 200); // Safari
	});
}
