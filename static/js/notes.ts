import { pixelsOf } from './crop';
import type { Frame } from './frame';
import { hintsOf, measure, type Hint } from './judge';
import { part } from './parts';
import type { Picture } from './picture';
import { language, say } from './say';

/** The largest photo that Microsoft 365 keeps and Teams shows, in pixels a side. */
const FULL_SIDE_PX = 648;

/** The places of a square in its picture, from the upper left to the lower right. */
const PLACES = [
	[say('at-top-left'), say('at-top'), say('at-top-right')],
	[say('at-left'), say('at-centre'), say('at-right')],
	[say('at-bottom-left'), say('at-bottom'), say('at-bottom-right')],
] as const;

/** Joins parts of a sentence as the language does. Made when first needed: in Chromium it takes 30 ms. */
let list: Intl.ListFormat | undefined;

/** Something that a person may want to know before saving, and may dismiss. */
export interface Advice {
	/** What it is about. */
	readonly about: string;
	readonly sentence: string;
}

/** Says how a picture is framed: "Zoom 140%, centre right, mirrored". */
export function describe(frame: Frame): string {
	const { across, down } = frame.place;
	const parts = [say('view', { Percent: Math.round(frame.zoom * 100), Place: PLACES[down + 1]?.[across + 1] ?? '' })];
	if (frame.turns !== 0) parts.push(say('view-turned', { Degrees: frame.turns * 90 }));
	if (frame.flipped) parts.push(say('view-flipped'));
	const degrees = Math.round(frame.tilt);
	if (degrees !== 0) parts.push(say('view-tilted', { Degrees: degrees }));
	if (frame.ground) parts.push(say('view-whole'));
	list ??= new Intl.ListFormat(language, { type: 'unit', style: 'short' });
	return list.format(parts);
}

/** The advice on a photo, most important first. square is the photo. */
export function adviceOn(frame: Frame, square: HTMLCanvasElement): Advice[] {
	const sidePx = Math.round(frame.sidePx);
	const advice: Advice[] = hintsOf(measure(pixelsOf(square)), sidePx).map(hint => ({ about: hint, sentence: sayHint(hint, sidePx) }));
	if (sidePx < FULL_SIDE_PX && advice[0]?.about !== 'small') advice.push({ about: 'soft', sentence: say('note-soft', { Side: sidePx }) });
	return advice;
}

function sayHint(hint: Hint, sidePx: number): string {
	switch (hint) {
		case 'small': return say('note-small', { Side: sidePx });
		case 'dark': return say('note-dark');
		case 'light': return say('note-light');
		case 'blurred': return say('note-blurred');
	}
}

/** What is so, and no advice. */
export function factsOn(picture: Picture, frame: Frame): string[] {
	const { location, camera } = picture.traces;
	const facts: string[] = [];
	if (Math.round(frame.sidePx) >= FULL_SIDE_PX) facts.push(say('note-size', { Side: FULL_SIDE_PX }));
	if (location) facts.push(say('note-location'));
	if (camera) facts.push(say('note-camera'));
	if (picture.moves) facts.push(say('note-still'));
	return [...facts, say('note-stays')];
}

/**
 * Notes shows what is known about a photo: the parts "hints", each with a button
 * that dismisses it for this picture, and "facts".
 */
export class Notes {
	private readonly hints: HTMLElement;
	private readonly facts: HTMLElement;
	private readonly button: Element;
	private readonly dismissed = new Set<string>();

	constructor(root: HTMLElement, private readonly focusAfter: HTMLElement) {
		this.hints = part(root, 'hints', HTMLElement);
		this.facts = part(root, 'facts', HTMLElement);
		const button = part(root, 'dismiss', HTMLTemplateElement).content.firstElementChild;
		if (!button) throw new Error('the template "dismiss" is empty');
		this.button = button;
	}

	/** Another picture is here: what was dismissed was about the last one. */
	clear(): void {
		this.dismissed.clear();
		this.show([], []);
	}

	show(advice: readonly Advice[], facts: readonly string[]): void {
		const wanted = advice.filter(({ about }) => !this.dismissed.has(about));
		const key = JSON.stringify(wanted);
		if (this.hints.dataset.shown !== key) { // else a button would vanish under a finger
			this.hints.dataset.shown = key;
			this.hints.replaceChildren(...wanted.map(a => this.item(a)));
			this.hints.hidden = wanted.length === 0;
		}
		this.facts.replaceChildren(...facts.map(fact => itemOf(fact)));
	}

	private item({ about, sentence }: Advice): HTMLElement {
		const item = itemOf(sentence);
		const button = this.button.cloneNode(true) as HTMLElement;
		button.setAttribute('aria-label', say('dismiss', { Hint: sentence }));
		button.addEventListener('click', () => {
			this.dismissed.add(about);
			const next = item.nextElementSibling ?? item.previousElementSibling;
			item.remove();
			this.hints.hidden = this.hints.childElementCount === 0;
			(next?.querySelector('button') ?? this.focusAfter).focus({ preventScroll: true });
		});
		item.append(button);
		return item;
	}
}

function itemOf(sentence: string): HTMLElement {
	const item = document.createElement('li');
	const text = document.createElement('span');
	text.textContent = sentence;
	item.append(text);
	return item;
}
