import { pixelsOf } from './crop';
import type { Frame } from './frame';
import { hintsOf, measure, type Hint } from './judge';
import type { Picture } from './picture';
import { say } from './say';

/** The largest photo that Microsoft 365 keeps and Teams shows, in pixels a side. */
const FULL_SIDE_PX = 648;

/** The places of a square in its picture, from the upper left to the lower right. */
const PLACES = [
	[say('at-top-left'), say('at-top'), say('at-top-right')],
	[say('at-left'), say('at-centre'), say('at-right')],
	[say('at-bottom-left'), say('at-bottom'), say('at-bottom-right')],
] as const;

/** Says how a picture is framed: "Zoom 140%, centre right". */
export function describe(frame: Frame): string {
	const { across, down } = frame.place;
	const place = PLACES[down + 1]?.[across + 1] ?? '';
	const values = { Percent: Math.round(frame.zoom * 100), Place: place, Degrees: frame.turns * 90 };
	return frame.turns === 0 ? say('view', values) : say('view-turned', values);
}

/** Says what a person may want to know about the photo before saving it. square is the photo, faces what is known of those in it. */
export function notesOn(picture: Picture, frame: Frame, square: HTMLCanvasElement, faces: readonly string[]): string[] {
	const sidePx = Math.round(frame.sidePx);
	const { location, camera } = picture.traces;
	const hints = hintsOf(measure(pixelsOf(square)), sidePx);
	const notes = [...hints.map(hint => sayHint(hint, sidePx)), ...faces];
	if (sidePx >= FULL_SIDE_PX) notes.push(say('note-size', { Side: FULL_SIDE_PX }));
	else if (!hints.includes('small')) notes.push(say('note-soft', { Side: sidePx }));
	if (location) notes.push(say('note-location'));
	if (camera) notes.push(say('note-camera'));
	if (picture.moves) notes.push(say('note-still'));
	return [...notes, say('note-stays')];
}

function sayHint(hint: Hint, sidePx: number): string {
	switch (hint) {
		case 'small': return say('note-small', { Side: sidePx });
		case 'dark': return say('note-dark');
		case 'light': return say('note-light');
		case 'blurred': return say('note-blurred');
	}
}

/** Shows sentences as the items of list, in place of those that are there. */
export function showNotes(list: HTMLElement, sentences: string[]): void {
	list.replaceChildren(...sentences.map(sentence => {
		const item = document.createElement('li');
		item.textContent = sentence;
		return item;
	}));
}
