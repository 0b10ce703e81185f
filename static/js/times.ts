let written: Intl.DateTimeFormat | undefined; // made when first needed: that takes as long as all other scripts of a page

/** Writes <time data-local="an HTTP date"> in the reader's own time zone. */
export function localise(time: HTMLTimeElement): void {
	const at = new Date(time.dataset.local ?? '');
	if (Number.isNaN(at.getTime())) return;
	time.dateTime = at.toISOString();
	written ??= new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'long', timeStyle: 'short' });
	time.textContent = written.format(at);
}
