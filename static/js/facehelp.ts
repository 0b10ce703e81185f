import type { Announcer } from './announcer';
import { framedOn, mainFace, peopleIn, remarkOn } from './facing';
import { FaceFinder, type Face } from './faces';
import type { Frame, Turns } from './frame';
import type { Framing } from './hands';
import { describe, type Advice } from './notes';
import { OPENING } from './past';
import type { Picture } from './picture';
import { say } from './say';

/** What is known about the faces of a picture. */
type Found = readonly Face[] | 'missing' | 'failed';

/**
 * FaceHelp frames on the face: the button with data-do="face", and the first
 * suggestion when a person's picture opens. Where faces can't be found, the
 * first suggestion stays as it is, and it says so. data-faces on the root says
 * that this installation can find them; data-looking stands there while it does.
 */
export class FaceHelp {
	private readonly finder: FaceFinder | undefined;
	private readonly button: HTMLElement | null;
	/** Groups and teams have logos more often than faces: nothing is loaded for them until somebody asks. */
	private readonly byItself: boolean;
	private isDecided = false;
	private picture: Picture | undefined;
	/** The frame that was suggested last. */
	private suggested: Frame | undefined;
	private found: { readonly turns: Turns; readonly faces: Found } | undefined;

	constructor(
		private readonly root: HTMLElement,
		private readonly framing: Framing & { redraw(): void; note(fact: string): void },
		private readonly announcer: Announcer,
	) {
		this.finder = root.hasAttribute('data-faces') ? new FaceFinder() : undefined;
		this.byItself = root.dataset.shape !== 'square';
		this.button = root.querySelector<HTMLElement>('[data-do="face"]');
		if (this.button) this.button.hidden = !this.finder;
		this.button?.addEventListener('click', () => void this.frameFace(false));
	}

	/** A picture was opened and has its first frame; remark is what is said of it. */
	opened(picture: Picture, remark: string): void {
		this.picture = picture;
		this.found = undefined;
		this.isDecided = false;
		this.root.removeAttribute('data-looking');
		if (!this.byItself) return;
		if (this.finder) void this.frameFace(true, remark);
		else this.found = { turns: 0, faces: 'missing' };
	}

	/** The person is content with the frame as it is. */
	decided(): void {
		this.isDecided = true;
	}

	/** The picture was put away. */
	closed(): void {
		this.picture = this.found = undefined;
		this.root.removeAttribute('data-looking');
	}

	/** A face is being looked for: the page has better things to do than to draw well, for the frame may change. */
	get isLooking(): boolean {
		return this.root.hasAttribute('data-looking');
	}

	/** Says what is known about the faces in the frame, if there is anything to say. */
	get advice(): Advice[] {
		const { frame } = this.framing;
		if (!frame || !this.found) return [];
		if (this.found.faces === 'missing') return on('face', say('face-missing'));
		if (this.found.faces === 'failed') return on('face', say('face-failed'));
		if (frame === this.suggested && peopleIn(this.found.faces).length > 1) return on('several', say('face-chosen'));
		switch (remarkOn(this.found.faces, frame)) {
			case 'none': return on('face', say('face-none'));
			case 'outside': return on('face', say('face-outside'));
			case 'several': return on('several', say('face-several'));
			case 'edge': return on('edge', say('face-edge'));
			case 'fine': return [];
		}
	}

	/** Frames on the face, unless the person has moved the picture meanwhile. */
	private async frameFace(byItself: boolean, remark = ''): Promise<void> {
		const { picture, finder } = this;
		const { frame } = this.framing;
		if (!picture || !finder || !frame || this.isLooking) return;
		const known = this.found?.turns === frame.turns && this.found.faces !== 'failed' ? this.found.faces : undefined;
		const faces = known ?? await this.look(finder, picture, frame.turns);
		if (picture !== this.picture) return; // another one is here, or none
		this.found = { turns: frame.turns, faces };
		this.framing.redraw(); // and with it what is said
		if (frame !== this.framing.frame || (byItself && this.isDecided)) return;
		const face = typeof faces === 'string' ? undefined : mainFace(faces, frame);
		if (!face) {
			this.announcer.say(this.said);
			return;
		}
		const next = (this.suggested = framedOn(frame, face));
		this.framing.change(next, { remark, gesture: byItself ? OPENING : '' });
		this.announcer.sayAtRest([say('face-framed'), this.said, describe(next)].filter(Boolean).join(' '));
	}

	/** The advice as one is told it. */
	private get said(): string {
		return this.advice.map(({ sentence }) => sentence).join(' ');
	}

	private async look(finder: FaceFinder, picture: Picture, turns: Turns): Promise<Found> {
		this.root.setAttribute('data-looking', '');
		this.announcer.say(say('face-looking'));
		this.framing.note(say('face-looking'));
		try {
			return await finder.find(picture, turns);
		} catch (error) {
			console.info(error); // for whoever is asked for help
			return 'failed';
		} finally {
			if (picture === this.picture) this.root.removeAttribute('data-looking');
		}
	}
}

function on(about: string, sentence: string): Advice[] {
	return [{ about, sentence }];
}
