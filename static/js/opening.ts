import type { Announcer } from './announcer';
import { Assistant } from './assistant';
import { part } from './parts';
import { Picture } from './picture';
import { say } from './say';

/** How long opening may take before the page says that it does. */
const SHOW_MS = 300;

/** How long a conversion may take. 12 megapixels take 3 s; an old phone may need ten times that. */
const PATIENCE_MS = 60_000;

/**
 * Opening opens what people bring, and says so meanwhile. What the browser can't
 * show is converted first, in a worker, if data-heic on the root says that this
 * installation can.
 */
export class Opening {
	private readonly shown: HTMLElement;
	private readonly converter: Assistant<{ file: Blob }, { picture: Blob }> | undefined;
	private timer = 0;
	private underWay = 0;

	constructor(root: HTMLElement, private readonly announcer: Announcer) {
		this.shown = part(root, 'opening', HTMLElement);
		if (root.hasAttribute('data-heic')) this.converter = new Assistant('heic', PATIENCE_MS);
	}

	/** Opens a file. It fails with Unusable. */
	async open(file: Blob): Promise<Picture> {
		this.begin();
		try {
			return await Picture.open(file, this.converter && (heic => this.convert(heic)));
		} finally {
			this.end();
		}
	}

	private async convert(file: Blob): Promise<Blob> {
		try {
			return (await this.converter!.ask({ file })).picture;
		} finally {
			this.converter!.rest(); // decoding takes much memory, which a worker keeps
		}
	}

	private begin(): void {
		clearTimeout(this.timer);
		this.underWay++;
		this.announcer.say(say('opening'));
		this.timer = setTimeout(() => (this.shown.hidden = false), SHOW_MS);
	}

	private end(): void {
		if (--this.underWay > 0) return; // another one came meanwhile
		clearTimeout(this.timer);
		this.shown.hidden = true;
	}
}
