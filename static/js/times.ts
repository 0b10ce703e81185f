let written: Intl.DateTimeFormat | undefined; // made when first needed: that takes as long as all other scripts of a page

/** Writes <time data-local="an HTTP date"> in the reader's own time zone. */
export function localise(time: HTMLTimeElement): void {
	const at = new Date(time.dataset.local ?? '');
	if (Number.isNaN(at.getTime())) return;
	time.dateTime = at.toISOString();
	written ??= new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' });
	time.textContent = written.format(at);
}

/** The reader's own way of writing the page's language: "en-GB" has the day before the month. */
function locale(): string {
	const page = document.documentElement.lang || 'en';
	return navigator.languages.find(own => own.split('-')[0] === page) ?? page;
}
