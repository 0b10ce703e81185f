/** A file, and where it lay in what was dropped. */
export interface Dropped {
	readonly file: File;
	readonly name: string;
}

/** All files of what was dropped or chosen, folders and what is in them included, in the order of their names. */
export async function filesOf(transfer: DataTransfer): Promise<Dropped[]> {
	const entries = [...transfer.items].map(item => item.webkitGetAsEntry()).filter(entry => entry !== null);
	if (entries.length === 0) return listed(transfer.files);
	const all: Dropped[] = [];
	for (const entry of entries) await collect(entry, all);
	return sorted(all);
}

/** The files of a field. */
export function listed(files: FileList): Dropped[] {
	return sorted([...files].map(file => ({ file, name: file.webkitRelativePath || file.name })));
}

function sorted(all: Dropped[]): Dropped[] {
	return all
		.filter(({ name }) => !/(^|\/)(\.|Thumbs\.db$|desktop\.ini$)/i.test(name)) // what computers leave beside pictures
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(entry: FileSystemEntry, into: Dropped[]): Promise<void> {
	if (entry.isFile) {
		const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
		into.push({ file, name: entry.fullPath.replace(/^\//, '') });
		return;
	}
	const reader = (entry as FileSystemDirectoryEntry).createReader();
	for (;;) {
		// A browser gives a folder in parts, until one is empty.
		const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
		if (some.length === 0) return;
		for (const child of some) await collect(child, into);
	}
}

/**
 * The numbers that files of a batch were given in this tab, so that the same
 * files get the same ones after a reload. No browser gives a page its files back:
 * they must be chosen again, and those that are there don't go up again.
 */
export class Numbers {
	private readonly key: string;
	private readonly given: Record<string, number>;

	constructor(path: string) {
		this.key = `batch:${path}`;
		this.given = JSON.parse(sessionStorage.getItem(this.key) ?? '{}') as Record<string, number>;
	}

	/** The numbers of an upload that didn't come to its end; none where none was begun. */
	get interrupted(): readonly number[] {
		return sessionStorage.getItem(this.key + ':begun') ? Object.values(this.given) : [];
	}

	/** The upload has ended; whatever failed was told. */
	end(): void {
		sessionStorage.removeItem(this.key + ':begun');
	}

	/** Gives each file its number: the one that it had, or the next that nobody has. */
	of(files: readonly Dropped[], taken: ReadonlySet<number>): { n: number; name: string; file: File }[] {
		let last = Math.max(0, ...taken, ...Object.values(this.given));
		const all = files.map(({ file, name }) => {
			const n = (this.given[`${name}|${file.size}|${file.lastModified}`] ??= ++last);
			return { n, name, file };
		});
		try {
			sessionStorage.setItem(this.key, JSON.stringify(this.given));
			sessionStorage.setItem(this.key + ':begun', '1');
		} catch {
			// Without room for it a reload sends everything again, and the page tells what was there.
		}
		return all;
	}
}
