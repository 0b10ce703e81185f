/** The address of the worker that shrinks pictures, whose name has a hash: tools/dist puts it in. */
declare const SHRINK_WORKER: string;

/** Our workers. The page's own policy names the same ones and no others, see web/security.go. */
const WORKERS = {
	shrink: SHRINK_WORKER,
	faces: '/static/extra/faces/worker.js',
	heic: '/static/extra/heic/worker.js',
} as const;

/** The service worker's address: its name carries a hash. */
const SHARE = /^\/static\/share\.[0-9a-f]{8}\.js$/;

/** What a worker answers to one order. */
type Reply<Answer> = { readonly id: number } & (Answer | { readonly failure: string });

interface Waiting<Answer> {
	resolve(answer: Answer): void;
	reject(cause: Error): void;
}

/**
 * The one place of a page where the address of a script comes from a string:
 * one of WORKERS or the service worker's, whatever is asked for. The page allows one policy of this
 * name, so nothing that runs later can make a laxer one.
 */
const addresses = lazily(() => {
	const known: readonly string[] = Object.values(WORKERS);
	const rules = { createScriptURL: (address: string) => (known.includes(address) || SHARE.test(address) ? address : null) };
	return typeof trustedTypes === 'undefined' ? rules : trustedTypes.createPolicy('portrait-worker', rules);
});

/** The address of the service worker, as the browser takes it; it fails for any other. */
export function shareAddress(address: string): string {
	return addresses().createScriptURL(address) as unknown as string; // as its type has it
}

/**
 * Assistant has a worker of ours do what would hold up the page. Nothing is
 * loaded before the first order; the worker stays for the next one.
 */
export class Assistant<Order extends object, Answer extends object> {
	private worker: Worker | undefined;
	private readonly waiting = new Map<number, Waiting<Answer>>();
	private orders = 0;

	/** An order that takes longer than patienceMs, loading included, fails. */
	constructor(private readonly name: keyof typeof WORKERS, private readonly patienceMs: number) {
		addresses();
	}

	/** Gives an order and waits for the answer. It fails with an Error: the worker couldn't be loaded, failed or took too long. */
	async ask(order: Order, transfer: Transferable[] = []): Promise<Answer> {
		const worker = (this.worker ??= this.start());
		const id = this.orders++;
		const late = setTimeout(() => this.end(`no answer in ${this.patienceMs} ms`), this.patienceMs);
		try {
			return await new Promise<Answer>((resolve, reject) => {
				this.waiting.set(id, { resolve, reject });
				worker.postMessage({ ...order, id }, transfer);
			});
		} finally {
			clearTimeout(late);
			this.waiting.delete(id);
		}
	}

	/** Ends the worker unless an order is under way. */
	rest(): void {
		if (this.waiting.size === 0) this.end();
	}

	/** Ends the worker, which gives its memory back. What is under way fails. */
	end(reason = 'it was ended'): void {
		this.worker?.terminate();
		this.worker = undefined;
		for (const { reject } of this.waiting.values()) reject(new Error(`worker for ${this.name}: ${reason}`));
	}

	private start(): Worker {
		const address = addresses().createScriptURL(WORKERS[this.name]) as unknown as string; // as Worker's type has it
		const worker = new Worker(address, { type: 'module', name: this.name });
		worker.addEventListener('message', (e: MessageEvent<Reply<Answer>>) => {
			const { id } = e.data;
			if ('failure' in e.data) this.waiting.get(id)?.reject(new Error(`worker for ${this.name}: ${e.data.failure}`));
			else this.waiting.get(id)?.resolve(e.data);
		});
		worker.addEventListener('error', e => {
			e.preventDefault(); // it is told by the order that fails
			this.end(e.message || 'it could not be loaded');
		});
		return worker;
	}
}

function lazily<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => (made ??= make());
}
