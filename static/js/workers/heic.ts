/// <reference lib="webworker" />
// The worker that converts HEIC pictures, static/extra/heic/worker.js. It is
// told one file and answers with a JPEG or PNG of the same pixels; nothing
// leaves the device. Its own answer carries a policy of its own, see
// static/workers.go.
//
// heic-to decodes in a second worker, which it starts from a blob of its own
// text. That is the one script address that may be made of a string here.


/** How good the JPEG is. It is framed and encoded once more, so it keeps nearly all. */
const QUALITY = 0.95;

if (typeof trustedTypes !== 'undefined') {
	trustedTypes.createPolicy('default', { createScriptURL: address => (address.startsWith('blob:') ? address : null) });
}

async function convert(file: Blob): Promise<Blob> {
	// Imported here rather than above: what a worker imports above is judged by the
	// page's policy too, which names the worker and nothing else.
	const { heicTo } = await import('heic-to/csp');
	const picture = await heicTo({ blob: file, type: 'bitmap' });
	const canvas = new OffscreenCanvas(picture.width, picture.height);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('the browser has no room for a canvas');
	context.fillStyle = 'white';
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(picture, 0, 0);
	picture.close();
	return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}

self.addEventListener('message', async (e: MessageEvent<{ id: number; file: Blob }>) => {
	const { id, file } = e.data;
	try {
		self.postMessage({ id, picture: await convert(file) });
	} catch (error) {
		self.postMessage({ id, failure: String(error) });
	}
});

export {}; // a module, though it exports nothing
