/** How long a change must have rested before it is said, so that dragging isn't a flood of words. */
const REST_MS = 500;

/** Announcer tells a screen reader what has changed, politely, through an element with role="status". */
export class Announcer {
	private timer = 0;

	constructor(private readonly status: HTMLElement) {}

	/** Says sentence at once. */
	say(sentence: string): void {
		clearTimeout(this.timer);
		this.status.textContent = sentence;
	}

	/** Says sentence once nothing else has been said for a moment. */
	sayAtRest(sentence: string): void {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.say(sentence), REST_MS);
	}
}
