/** How long a shared picture waits for its page: as long as signing in may take. */
const KEPT_MS = 15 * 60 * 1000;

interface Shared {
	readonly picture: Blob;
	/** When it came, in ms by this device's clock. */
	readonly at: number;
}

/** Keeps a picture that was shared to Portrait, in place of an earlier one. It never leaves this browser. */
export async function keepShared(picture: Blob): Promise<void> {
	await run('readwrite', shelf => shelf.put({ picture, at: Date.now() } satisfies Shared, 'newest'));
}

/** Takes the picture that was shared, once; undefined for none, and where the browser keeps nothing. */
export async function takeShared(): Promise<Blob | undefined> {
	try {
		const found = (await run('readonly', shelf => shelf.get('newest'))) as Shared | undefined;
		if (found) await forgetShared();
		return found && Date.now() - found.at < KEPT_MS ? found.picture : undefined;
	} catch {
		return undefined;
	}
}

/** Forgets it: nobody is signed in any more. */
export async function forgetShared(): Promise<void> {
	await run('readwrite', shelf => shelf.delete('newest'));
}

async function run(mode: IDBTransactionMode, ask: (shelf: IDBObjectStore) => IDBRequest): Promise<unknown> {
	const opening = indexedDB.open('portrait-shared', 1);
	opening.onupgradeneeded = () => opening.result.createObjectStore('shared');
	const db = await result(opening);
	try {
		return await result(ask(db.transaction('shared', mode).objectStore('shared')));
	} finally {
		db.close();
	}
}

function result<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((done, fail) => {
		request.onsuccess = () => done(request.result);
		request.onerror = () => fail(request.error);
	});
}
