// Codes the drawn pictures as people send them. One line of JSON on standard
// input names the raw pictures (8-bit RGB or RGBA, upright) and what to make of
// each; see inputs.go.
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';

/** Turns counter-clockwise that store a picture so that its EXIF orientation shows it upright. */
const STORED_TURN = { 1: 0, 6: 270 };

for (const job of JSON.parse(readFileSync(0, 'utf8'))) {
	const raw = { width: job.width, height: job.height, channels: job.channels };
	let picture = sharp(readFileSync(job.raw), { raw, limitInputPixels: false }).rotate(STORED_TURN[job.orientation]);
	switch (job.coding) {
		case 'jpeg':
			picture = picture.jpeg({ quality: job.quality, progressive: job.progressive });
			break;
		case 'png':
			picture = picture.png({ compressionLevel: 6 });
			break;
		case 'webp':
			picture = picture.webp({ quality: job.quality });
			break;
		default:
			throw new Error(`coding ${job.coding}`);
	}
	if (job.orientation !== 1) {
		picture = picture.withMetadata({ orientation: job.orientation });
	}
	writeFileSync(job.file, await picture.toBuffer());
}
