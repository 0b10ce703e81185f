import { say } from './say';

/** How long after the last key a live search asks. */
const REST_MS = 200;

/** A row as the server answers it. */
interface Row {
	readonly name: string;
	readonly detail: string;
	readonly href: string;
	readonly src: string;
	readonly initials: string;
	readonly hue: number;
}

/**
 * List makes a list of links quicker: "/" goes to its search, arrows move from
 * row to row, a live search follows what is typed, and a row says where there is
 * no photo. Without it the search is a form and the rows are links.
 */
export class List {
	private readonly rows: HTMLElement;
	private readonly search: HTMLInputElement | null;
	private asked = new AbortController();
	private resting = 0;

	constructor(private readonly root: HTMLElement) {
		const rows = root.querySelector<HTMLElement>('[data-rows]');
		if (!rows) throw new Error('no list with data-rows');
		this.rows = rows;
		this.search = root.querySelector<HTMLInputElement>('[data-search] input[type="search"]');
		document.addEventListener('keydown', e => this.key(e));
		// load and error don't bubble, but they can be caught on their way down.
		rows.addEventListener('load', e => this.pictured(e.target), true);
		for (const image of rows.querySelectorAll('img')) if (image.complete) this.pictured(image);
		if (root.querySelector('[data-live]')) this.search?.addEventListener('input', () => this.typed());
	}

	private key(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
		const typing = event.target instanceof HTMLInputElement;
		if (event.key === '/' && !typing && this.search) {
			event.preventDefault();
			this.search.focus();
			this.search.select();
		}
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') this.step(event, event.key === 'ArrowDown' ? 1 : -1);
	}

	/** Moves the focus by one row; up from the first leads to the search. */
	private step(event: KeyboardEvent, by: number): void {
		const links = [...this.rows.querySelectorAll<HTMLElement>('a')];
		const at = links.findIndex(link => link === document.activeElement);
		if (at < 0 && document.activeElement !== this.search) return; // the person is elsewhere
		const next = at < 0 ? (by > 0 ? links[0] : undefined) : (links[at + by] ?? (by < 0 ? this.search : undefined));
		if (!next) return;
		event.preventDefault();
		next.focus();
	}

	/** The server answers one pixel where there is no photo, two where nobody knows: initials show through them. */
	private pictured(image: EventTarget | null): void {
		if (!(image instanceof HTMLImageElement)) return;
		const badge = image.closest('li')?.querySelector<HTMLElement>('[data-badge]');
		if (badge) badge.hidden = image.naturalWidth > 1;
	}

	private typed(): void {
		clearTimeout(this.resting);
		this.resting = setTimeout(() => void this.ask(), REST_MS);
	}

	/** Fetches the rows for what is typed; an answer that comes too late is dropped. */
	private async ask(): Promise<void> {
		this.asked.abort();
		this.asked = new AbortController();
		const address = new URL(location.pathname, location.origin);
		address.searchParams.set('q', this.search?.value ?? '');
		try {
			const response = await fetch(address, { headers: { Accept: 'application/json' }, signal: this.asked.signal });
			if (!response.ok) return this.search?.form?.requestSubmit(); // the page says what is wrong
			const { rows, next } = await response.json() as { rows: Row[]; next: string };
			this.show(rows, next);
			history.replaceState(null, '', address);
		} catch (error) {
			if (!this.asked.signal.aborted) throw error;
		}
	}

	private show(rows: Row[], next: string): void {
		this.rows.replaceChildren(...rows.map(row => this.build(row)));
		this.rows.hidden = rows.length === 0;
		const empty = this.root.querySelector<HTMLElement>('[data-empty]');
		if (empty) {
			empty.hidden = rows.length > 0;
			empty.textContent = empty.dataset.empty ?? '';
		}
		// Who doesn't see the rows change hears it; that there are none is said above.
		const found = this.root.querySelector('[data-found]');
		if (found) found.textContent = rows.length === 0 ? '' : say('list-found', { Count: `${rows.length}${next && '+'}` });
		const more = this.root.querySelector<HTMLElement>('[data-more]');
		if (!more) return;
		more.hidden = next === '';
		more.querySelector('a')?.setAttribute('href', next);
	}

	private build(row: Row): Node {
		const template = this.root.querySelector<HTMLTemplateElement>('template[data-row]');
		const item = template?.content.cloneNode(true);
		if (!(item instanceof DocumentFragment)) throw new Error('no template with data-row');
		const put = (selector: string, text: string): void => { item.querySelector(selector)?.replaceChildren(text); };
		put('.list__name', row.name);
		put('.list__detail', row.detail);
		put('.avatar > span', row.initials);
		item.querySelector('a')?.setAttribute('href', row.href);
		const avatar = item.querySelector('.avatar');
		avatar?.classList.replace('avatar--hue-0', `avatar--hue-${row.hue}`);
		const image = item.querySelector('img');
		if (image) {
			image.hidden = false;
			image.src = row.src;
		}
		return item;
	}
}
