/// <reference lib="webworker" />
// The worker that finds faces, static/extra/faces/worker.js. It is given one
// picture at a time and answers where the faces are; nothing leaves the
// device. Its own answer carries a policy of its own, see static/workers.go.
import { env, tf, TinyFaceDetector, TinyFaceDetectorOptions } from 'face-api';

/** The side of what the detector looks at, in pixels; a multiple of 32. A face of a twentieth of it is found. */
const INPUT_PX = 416;

/**
 * How sure the detector must be; portraits have 0.7 to 0.97. Below a half it
 * sees faces in round digits, and a frame on nothing is worse than none.
 */
const SCORE_THRESHOLD = 0.5;

const FOLDER = new URL('.', import.meta.url).href;

/** Loads what is needed, once, when the first picture comes. */
let ready: Promise<TinyFaceDetector> | undefined;

async function load(): Promise<TinyFaceDetector> {
	env.setEnv({
		Canvas: OffscreenCanvas, CanvasRenderingContext2D: OffscreenCanvasRenderingContext2D,
		Image: ImageBitmap, ImageData, Video: class {},
		createCanvasElement: () => new OffscreenCanvas(1, 1),
		fetch: (address: string) => fetch(address),
	});
	tf.setWasmPaths(FOLDER);
	// There is no other backend here, and a failure is only told by the result.
	if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly with SIMD did not start');
	const detector = new TinyFaceDetector();
	await detector.loadFromUri(FOLDER);
	return detector;
}

async function find(picture: ImageBitmap, turns: number): Promise<object[]> {
	const detector = await (ready ??= load());
	const pixels = tf.browser.fromPixels(seen(picture, turns));
	const found = await detector.locateFaces(pixels, new TinyFaceDetectorOptions({ inputSize: INPUT_PX, scoreThreshold: SCORE_THRESHOLD }));
	pixels.dispose();
	return found.map(({ score, relativeBox: { x, y, width, height } }) => ({ x, y, width, height, score }));
}

/** The picture in small, and turned by 90° that often: the detector knows upright faces only. */
function seen(picture: ImageBitmap, turns: number): ImageData {
	const scale = Math.min(1, INPUT_PX / Math.max(picture.width, picture.height));
	const [width, height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
	const canvas = turns % 2 === 0 ? new OffscreenCanvas(width, height) : new OffscreenCanvas(height, width);
	const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
	if (!context) throw new Error('the browser has no room for a canvas');
	context.imageSmoothingQuality = 'high';
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate((turns * Math.PI) / 2);
	context.drawImage(picture, -width / 2, -height / 2, width, height);
	picture.close();
	return context.getImageData(0, 0, canvas.width, canvas.height);
}

self.addEventListener('message', async (e: MessageEvent<{ id: number; picture: ImageBitmap; turns: number }>) => {
	const { id, picture, turns } = e.data;
	try {
		self.postMessage({ id, faces: await find(picture, turns) });
	} catch (error) {
		self.postMessage({ id, failure: String(error) });
	}
});
