// The pipeline of sharp, as its documentation has it: one picture for each line
// of JSON on standard input, one line of JSON with the cost on standard output;
// see runner.go. With the argument "careful" it doesn't let the decoders shrink
// pictures further than to twice the result, as we don't.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false); // the same picture comes again and again; people's don't

const fastShrinkOnLoad = process.argv[2] !== 'careful';
const bodies = new Map();

for await (const line of createInterface({ input: process.stdin })) {
	const job = JSON.parse(line);
	if (!bodies.has(job.file)) {
		bodies.clear();
		bodies.set(job.file, readFileSync(job.file));
	}
	const began = process.hrtime.bigint();
	const before = process.cpuUsage();
	const made = await sharp(bodies.get(job.file))
		.autoOrient()
		.resize(job.side, job.side, { fit: 'cover', position: 'centre', fastShrinkOnLoad })
		.flatten({ background: '#ffffff' })
		.jpeg({ quality: job.quality })
		.toBuffer();
	const cpu = process.cpuUsage(before);
	const wallMs = Number(process.hrtime.bigint() - began) / 1e6;
	if (job.out) {
		writeFileSync(job.out, made);
	}
	console.log(JSON.stringify({ wallMs, cpuMs: (cpu.user + cpu.system) / 1000, bytes: made.length }));
}
