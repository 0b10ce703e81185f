import type { Receiver } from './intake';
import { blank, contextOf, part, unfold } from './parts';
import { say, sayTime } from './say';

/** How long a person has to smile, in seconds. */
const COUNT_DOWN = 3;

/** What is asked of a camera: more than a photo needs, for it is cropped. Cameras give what they have. */
const WISH = { width: { ideal: 1920 }, height: { ideal: 1440 } };

/**
 * Camera takes a picture. The camera is on only while the dialog is open and
 * the page is looked at. The view of a camera that looks at the person is
 * mirrored, as people know themselves; the picture is as others see them. Its
 * HTML is views/camera.templ.
 */
export class Camera {
	private readonly dialog: HTMLDialogElement;
	private readonly video: HTMLVideoElement;
	private readonly count: HTMLElement;
	private readonly words: HTMLElement;
	private stream: MediaStream | undefined;
	/** Changes with whatever ends a camera or a countdown, so that what comes late is noticed. */
	private turn = 0;

	constructor(private readonly root: HTMLElement, private readonly receiver: Receiver) {
		unfold(root, 'camera');
		this.dialog = part(root, 'camera-dialog', HTMLDialogElement);
		this.video = part(root, 'camera-video', HTMLVideoElement);
		this.count = part(root, 'camera-count', HTMLElement);
		this.words = part(root, 'camera-words', HTMLElement);
		this.on('camera-close', () => this.dialog.close());
		this.on('camera-switch', () => void this.switch());
		this.on('camera-take', () => void this.take());
		this.dialog.addEventListener('close', () => this.stop());
		addEventListener('pagehide', () => this.dialog.close());
		document.addEventListener('visibilitychange', () => document.hidden && this.dialog.close());
	}

	/** The browser may have a camera to offer. */
	static get isOffered(): boolean {
		return typeof navigator.mediaDevices?.getUserMedia === 'function';
	}

	private on(name: string, deed: () => void): void {
		this.button(name).addEventListener('click', deed);
	}

	private button(name: string): HTMLElement {
		const found = this.root.querySelector<HTMLElement>(`[data-do="${name}"]`);
		if (!found) throw new Error(`no button with data-do="${name}"`);
		return found;
	}

	/** Opens the dialog, unless no picture is wanted now. */
	open(): void {
		if (!this.receiver.mayTake) return;
		this.dialog.showModal();
		void this.start({ facingMode: 'user' });
	}

	/** Turns a camera on, in place of the one that is on. */
	private async start(wish: MediaTrackConstraints): Promise<void> {
		this.stop();
		const { turn } = this;
		this.words.textContent = say('camera-starting');
		try {
			const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WISH, ...wish } });
			if (turn !== this.turn || !this.dialog.open) return end(stream); // it was left meanwhile
			this.stream = stream;
			const [track] = stream.getVideoTracks();
			track?.addEventListener('ended', () => turn === this.turn && this.fail(say('camera-gone')));
			this.video.toggleAttribute('data-mirrored', track?.getSettings().facingMode !== 'environment');
			this.video.srcObject = stream;
			await this.video.play();
			this.words.textContent = say('camera-ready');
			this.ready(true);
			this.button('camera-switch').hidden = (await cameras()).length < 2;
		} catch (error) {
			if (turn === this.turn) this.fail(why(error));
		}
	}

	/** Turns the next camera on. */
	private async switch(): Promise<void> {
		const all = await cameras();
		const present = this.stream?.getVideoTracks()[0]?.getSettings().deviceId;
		const next = all[(all.findIndex(c => c.deviceId === present) + 1) % all.length];
		if (next) await this.start({ deviceId: { exact: next.deviceId } });
	}

	/** Counts down and takes the picture; without a camera it tries to get one again. */
	private async take(): Promise<void> {
		if (!this.stream) return this.start({ facingMode: 'user' });
		if (this.button('camera-take').getAttribute('aria-disabled') === 'true') return;
		const { turn } = this;
		this.ready(false);
		this.words.textContent = say('camera-counting', { Time: sayTime(COUNT_DOWN * 1000) });
		for (let left = COUNT_DOWN; left > 0; left--) {
			this.count.textContent = String(left);
			await new Promise(done => setTimeout(done, 1000));
			if (turn !== this.turn) return; // it was left meanwhile
		}
		const { videoWidth: width, videoHeight: height } = this.video;
		const canvas = blank(width, height, false);
		contextOf(canvas).drawImage(this.video, 0, 0);
		const picture = await new Promise<Blob | null>(done => canvas.toBlob(done, 'image/jpeg', 0.95));
		this.dialog.close();
		if (picture) this.receiver.take(picture, '');
	}

	private fail(sentence: string): void {
		this.stop();
		this.words.textContent = sentence;
		this.button('camera-take').textContent = say('try-again');
		this.ready(true);
	}

	/** Turns the camera off. */
	private stop(): void {
		this.turn++;
		if (this.stream) end(this.stream);
		this.stream = undefined;
		this.video.srcObject = null;
		this.count.textContent = this.words.textContent = '';
		this.button('camera-take').textContent = say('camera-take');
		this.ready(false);
	}

	private ready(is: boolean): void {
		this.button('camera-take').setAttribute('aria-disabled', String(!is));
	}
}

function end(stream: MediaStream): void {
	for (const track of stream.getTracks()) track.stop();
}

async function cameras(): Promise<MediaDeviceInfo[]> {
	return (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
}

/** Why there is no camera, and what to do. */
function why(error: unknown): string {
	switch (error instanceof DOMException ? error.name : '') {
		case 'NotAllowedError':
		case 'SecurityError': return say('camera-refused');
		case 'NotFoundError':
		case 'OverconstrainedError': return say('camera-none');
		case 'NotReadableError':
		case 'AbortError': return say('camera-busy');
		default: return say('camera-failed');
	}
}
