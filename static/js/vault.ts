import type { Parcel } from './send';

/** What the browser's database is called. */
const NAME = 'portrait';

/** How long a framed photo is kept in this browser. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** A framed photo that the server may not have. */
export interface Crop extends Parcel {
	/** The address that takes it. There is one crop for each. */
	readonly put: string;
	/** Stands for whoever framed it; nobody else gets to see it. */
	readonly mark: string;
	/** When it was framed, in ms by this device's clock. */
	readonly at: number;
}

/**
 * Vault keeps framed photos in this browser, for those whose session ends before
 * the server has them. It holds photos of one person at a time and forgets them
 * after a day, at sign-out, and when somebody else signs in. Where the browser
 * keeps nothing (private windows, a full disk) it keeps nothing either and says
 * so by undefined: the photo is still on the page.
 */
export class Vault {
	/** mark stands for whoever is signed in; "" where nobody is. */
	constructor(private readonly mark: string) {}

	/** The mark of whoever is signed in, as every page has it. */
	static ofPage(): Vault {
		return new Vault(document.querySelector<HTMLMetaElement>('meta[name="portrait-mark"]')?.content ?? '');
	}

	async keep(put: string, parcel: Parcel): Promise<void> {
		if (this.mark) await this.run('readwrite', crops => crops.put({ ...parcel, put, mark: this.mark, at: Date.now() }));
	}

	async find(put: string): Promise<Crop | undefined> {
		const found = (await this.run('readonly', crops => crops.get(put))) as Crop | undefined;
		return found?.mark === this.mark && Date.now() - found.at < KEPT_MS ? found : undefined;
	}

	async forget(put: string): Promise<void> {
		await this.run('readwrite', crops => crops.delete(put));
	}

	/** Forgets everything, and that there was anything. It fails where the browser keeps nothing. */
	async clear(): Promise<void> {
		await result(indexedDB.deleteDatabase(NAME));
	}

	/** Forgets what is somebody else's or too old. Where nobody is signed in, whose turn it is isn't known yet. */
	async tidy(): Promise<void> {
		if (!this.mark) return;
		const all = ((await this.run('readonly', crops => crops.getAll())) ?? []) as Crop[];
		for (const crop of all) {
			if (crop.mark !== this.mark || Date.now() - crop.at >= KEPT_MS) await this.forget(crop.put);
		}
	}

	private async run(mode: IDBTransactionMode, ask: (crops: IDBObjectStore) => IDBRequest): Promise<unknown> {
		try {
			if (mode === 'readonly' && !(await isThere())) return undefined;
			const db = await result(opening());
			try {
				return await result(ask(db.transaction('crops', mode).objectStore('crops')));
			} finally {
				db.close();
			}
		} catch {
			return undefined; // see above
		}
	}
}

/** Whether anything was ever kept; true as well where the browser can't tell. To open what isn't there would make it, on every visit. */
async function isThere(): Promise<boolean> {
	if (typeof indexedDB.databases !== 'function') return true;
	return (await indexedDB.databases()).some(({ name }) => name === NAME);
}

function opening(): IDBOpenDBRequest {
	const request = indexedDB.open(NAME, 1);
	request.onupgradeneeded = () => request.result.createObjectStore('crops', { keyPath: 'put' });
	return request;
}

function result<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((done, fail) => {
		request.onsuccess = () => done(request.result);
		request.onerror = () => fail(request.error);
	});
}
