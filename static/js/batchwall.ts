import { token } from './batchupload';
import { members } from './send';

/**
 * BatchWall leaves pictures of a batch out and takes them again without loading
 * the page: by their buttons, or by the keyboard, which moves from picture to
 * picture with the arrows. Its HTML is batchWall of views/batchwall.templ.
 */
export class BatchWall {
	private readonly items: readonly HTMLElement[];

	constructor(wall: HTMLElement) {
		this.items = [...wall.querySelectorAll<HTMLElement>(':scope > li')];
		for (const item of this.items) item.tabIndex = -1;
		const keys = document.querySelector<HTMLElement>('[data-batch-keys]');
		if (keys) keys.hidden = this.items.length === 0;
		const back = this.items.find(item => `#${item.id}` === location.hash);
		back?.focus({ preventScroll: true });
		const first = back ?? this.items[0];
		if (first) first.tabIndex = 0;
		wall.addEventListener('focusin', e => this.entered(e.target));
		wall.addEventListener('keydown', e => this.press(e));
		wall.addEventListener('submit', e => this.submit(e));
	}

	/** Tab comes back to the picture that was last. */
	private entered(target: EventTarget | null): void {
		const now = target instanceof HTMLElement ? target.closest('li') : null;
		for (const item of this.items) item.tabIndex = item === now ? 0 : -1;
	}

	private press(e: KeyboardEvent): void {
		const at = this.items.findIndex(item => item === e.target); // its buttons and fields have keys of their own
		if (at < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
		const item = this.items[at]!;
		switch (e.key) {
			case ' ': item.querySelector<HTMLElement>('button[name="tick"]:not([hidden])')?.click(); break;
			case 'Enter': item.querySelector<HTMLElement>('[data-frame]')?.click(); break;
			case 'ArrowLeft': this.items[at - 1]?.focus(); break;
			case 'ArrowRight': this.items[at + 1]?.focus(); break;
			case 'ArrowUp': this.items[at - this.across]?.focus(); break;
			case 'ArrowDown': this.items[at + this.across]?.focus(); break;
			case 'Home': this.items[0]?.focus(); break;
			case 'End': this.items.at(-1)?.focus(); break;
			default: return;
		}
		e.preventDefault();
	}

	/** How many pictures stand side by side. */
	private get across(): number {
		const top = this.items[0]!.offsetTop;
		const next = this.items.findIndex(item => item.offsetTop > top);
		return next < 0 ? this.items.length : next;
	}

	private submit(e: SubmitEvent): void {
		const button = e.submitter;
		if (!(button instanceof HTMLButtonElement) || button.name !== 'tick' || !(e.target instanceof HTMLFormElement)) return;
		e.preventDefault();
		void this.tick(e.target, button);
	}

	private async tick(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
		const response = await fetch(form.action, {
			method: 'POST', headers: { Accept: 'application/json' }, redirect: 'error', body: new URLSearchParams({ csrf_token: token(), tick: button.value }),
		}).catch(() => undefined);
		const start = document.querySelector<HTMLElement>('[data-batch-start]');
		const now = response?.ok ? await members(response) : {};
		// Where another button is due, or something is wrong, the page says so itself.
		if (!now.start || !start || form.closest('[data-approval]')) {
			if (response?.ok) location.reload();
			else this.send(form, button);
			return;
		}
		start.textContent = String(now.start);
		document.querySelector('[data-batch-summary]')!.textContent = String(now.summary);
		const had = document.activeElement === button;
		this.show(String(now.ticked).split(' '));
		if (had) form.querySelector<HTMLElement>('button[name="tick"]:not([hidden])')?.focus();
	}

	/** Sends the form as a browser without scripts would. */
	private send(form: HTMLFormElement, button: HTMLButtonElement): void {
		const field = document.createElement('input');
		[field.type, field.name, field.value] = ['hidden', 'tick', button.value];
		form.append(field);
		form.submit();
	}

	/** Shows which are taken, by number: taking one may leave out another of the same person. */
	private show(ticked: readonly string[]): void {
		const taken = new Set(ticked);
		for (const item of this.items) {
			const [off, on] = ['off', 'on'].map(value => item.querySelector<HTMLElement>(`button[name="tick"][value="${value}"]`));
			if (!off || !on) continue;
			const is = taken.has(item.id.replace('item-', ''));
			[off.hidden, on.hidden] = [!is, is];
			item.classList.toggle('batch__item--off', !is);
		}
	}
}
