import { filesOf, listed, Numbers, type Dropped } from './batchfiles';
import { Shrinker } from './batchshrink';
import { numbersOf, token, Uploader } from './batchupload';
import { say, sayTime } from './say';
import { members, pause } from './send';

/** How often a running batch is asked how far it is, in ms. */
const FOLLOW_MS = 2_000;

/** Zips and tables go up as they are: the server opens them. */
const AS_IT_IS = /\.(zip|csv|tsv)$/i;

function find<T extends Element>(root: ParentNode, selector: string): T {
	const found = root.querySelector<T>(selector);
	if (!found) throw new Error(`no ${selector}`);
	return found;
}

/** BatchDrop takes folders and many files, sends them and then has the people found. Its form works without it. */
export class BatchDrop {
	private readonly path: string;
	private readonly text: HTMLElement;
	private readonly bar: HTMLProgressElement;
	private readonly failures: HTMLElement;
	private busy = false;

	constructor(private readonly root: HTMLElement) {
		this.path = root.closest<HTMLElement>('[data-batch]')?.dataset.batch ?? '';
		this.text = find(root, '[data-upload-text]');
		this.bar = find(root, 'progress');
		this.failures = find(root, '[data-upload-failures]');
		const form = find<HTMLFormElement>(root, '[data-batch-form]');
		const folder = find<HTMLElement>(root, '[data-batch-folder]');
		folder.hidden = false;
		find<HTMLElement>(root, '[data-batch-scripted]').hidden = false;
		form.addEventListener('submit', e => {
			e.preventDefault();
			void this.take(listed(find<HTMLInputElement>(form, 'input[name="files"]').files!));
		});
		const field = find<HTMLInputElement>(folder, 'input');
		field.addEventListener('change', () => void this.take(listed(field.files!)));
		for (const type of ['dragover', 'dragleave', 'drop'] as const) document.addEventListener(type, e => this.drag(e, type));
		addEventListener('beforeunload', e => this.busy && e.preventDefault());
		void this.remember();
	}

	/** Says how far an upload came that a reload broke off: no browser gives its files back. */
	private async remember(): Promise<void> {
		const { interrupted } = new Numbers(this.path);
		if (interrupted.length === 0) return;
		const taken = await numbersOf(this.path).catch(() => undefined); // without it there is nothing to say
		if (!taken || this.busy) return;
		const done = interrupted.filter(n => taken.has(n)).length;
		this.show();
		[this.bar.max, this.bar.value] = [interrupted.length, done];
		this.text.textContent = say('batch-interrupted', { Done: done, Total: interrupted.length });
	}

	/** The whole window takes what is dropped: a file beside the field would replace the page. */
	private drag(e: DragEvent, type: string): void {
		e.preventDefault();
		this.root.toggleAttribute('data-over', type === 'dragover');
		if (type === 'drop' && e.dataTransfer) void filesOf(e.dataTransfer).then(files => this.take(files));
	}

	private async take(files: readonly Dropped[]): Promise<void> {
		const most = Number(this.root.dataset.max);
		if (this.busy || files.length === 0) return;
		if (files.length > most) {
			this.show();
			this.text.textContent = say('batch-too-many', { Max: most });
			return;
		}
		this.busy = true;
		this.show();
		try {
			await this.upload(files);
		} catch (error) {
			console.info(error); // for whoever is asked for help
			this.text.textContent = say('offline');
		} finally {
			this.busy = false;
		}
	}

	private show(): void {
		find<HTMLDetailsElement>(document, '[data-batch-drop]').open = true;
		find<HTMLElement>(this.root, '[data-batch-upload]').hidden = false;
	}

	private async upload(files: readonly Dropped[]): Promise<void> {
		let failed = 0;
		const fail = (name: string, why: string): void => {
			failed++;
			const line = document.createElement('li');
			line.textContent = say('batch-failed', { File: name, Why: why });
			this.failures.append(line);
		};
		const begun = performance.now();
		const pictures = files.filter(({ name }) => !AS_IT_IS.test(name));
		let skipped = 0;
		const shrinker = new Shrinker({ faces: this.root.hasAttribute('data-faces'), heic: this.root.hasAttribute('data-heic') });
		const uploader = new Uploader(this.path, shrinker, {
			failed: fail,
			lost: () => (this.text.textContent = say('batch-lost')),
			progress: () => this.progress(uploader, skipped, pictures.length, performance.now() - begun),
		});
		const taken = await numbersOf(this.path);
		const numbers = new Numbers(this.path);
		const numbered = numbers.of(pictures, taken);
		const missing = numbered.filter(({ n }) => !taken.has(n));
		skipped = numbered.length - missing.length;
		this.progress(uploader, skipped, pictures.length, 0);
		await uploader.send(missing).finally(() => shrinker.end());
		numbers.end();
		for (const { file, name } of files.filter(({ name }) => AS_IT_IS.test(name))) {
			const why = await this.sendWhole(file);
			if (why) fail(name, why);
		}
		find<HTMLElement>(this.root, '[data-upload-status]').textContent =
			say('batch-uploaded', { Done: pictures.length - failed, Total: pictures.length });
		this.busy = false; // leaving loses nothing any more
		if (failed === 0) this.match();
	}

	/** Says how far it is: count, bytes and the time left at the pace so far. */
	private progress({ sent }: Uploader, skipped: number, total: number, tookMs: number): void {
		const done = sent.done + skipped;
		const leftMs = sent.done > 0 ? (tookMs / sent.done) * (total - done) : 0;
		this.bar.max = Math.max(1, total);
		this.bar.value = done;
		this.text.textContent = done >= total
			? say('batch-uploaded', { Done: done, Total: total })
			: say('batch-uploading', { Done: done, Total: total, Megabytes: (sent.bytes / 1e6).toFixed(1), Left: sent.done > 0 ? sayTime(leftMs) : '…' });
	}

	/** Sends a zip or a table with the form's own address, and returns why it wasn't taken, "" if it was. */
	private async sendWhole(file: File): Promise<string> {
		const body = new FormData();
		body.append('csrf_token', token()); // first: nothing else is read before it
		body.append('files', file, file.name);
		try {
			const response = await fetch(`${this.path}/files`, { method: 'POST', body, headers: { Accept: 'application/json' } });
			return response.ok ? '' : String((await members(response)).detail ?? say('failed'));
		} catch {
			return say('offline');
		}
	}

	/** Everything is there: whose are they? The page has the form where files were there before. */
	private match(): void {
		const form = document.createElement('form');
		form.method = 'post';
		form.action = `${this.path}/match`;
		const field = document.createElement('input');
		[field.type, field.name, field.value] = ['hidden', 'csrf_token', token()];
		form.append(field);
		document.body.append(form);
		form.submit();
	}
}

/** BatchProgress follows a running batch; when that pauses or ends, the page shows what became of it. */
export class BatchProgress {
	constructor(private readonly root: HTMLElement) {
		void this.follow();
	}

	private async follow(): Promise<void> {
		const path = this.root.closest<HTMLElement>('[data-batch]')?.dataset.batch ?? '';
		const never = new AbortController().signal;
		for (;;) {
			await pause(FOLLOW_MS, never);
			const state = await fetch(`${path}/state`, { headers: { Accept: 'application/json' }, cache: 'no-store', redirect: 'error' })
				.then(response => (response.ok ? members(response) : undefined))
				.catch(() => undefined); // the connection is broken for now; there is another try
			if (typeof state?.ended !== 'number') continue; // nor is a page of something in between an answer
			find<HTMLElement>(this.root, '[data-progress-text]').textContent = String(state.text);
			find<HTMLProgressElement>(this.root, 'progress').value = state.ended;
			if (state.state !== 'running') return location.reload();
		}
	}
}
