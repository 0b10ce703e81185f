// What `make lighthouse` runs: starts the demo, signs in as people do, and has
// Lighthouse look at the pages as on a phone. Each must have 100 for
// performance, accessibility and best practices; of five runs of a page the
// middle one counts, as Lighthouse advises, for performance is measured on a
// machine that does other things too. One run before them doesn't count: in it a
// browser that has just started waits for its own parts from the disk. Writes
// docs/lighthouse.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const RUNS = Number(process.env.RUNS ?? 5);

/** What is looked at, as whom. */
const PAGES = [
	{ name: 'Landing', path: '/', persona: '' },
	{ name: 'My photo', path: '/me/photo', persona: 'employee' },
	{ name: 'Groups', path: '/groups', persona: 'owner' },
	{ name: 'Batches', path: '/batches', persona: 'helpdesk' },
];

/** A port that nobody listens on. */
async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/**
 * Starts the demo and resolves when it says where it is. It lets the browser go
 * first: a phone has no server to wait for, and on two processors the page's
 * tasks would take twice as long beside one. How long answers take isn't measured
 * here: Lighthouse counts with a slow 4G in their place.
 */
async function startDemo() {
	const base = `http://127.0.0.1:${await freePort()}`;
	const demo = spawn('nice', ['-n', '19', `${ROOT}/bin/portrait`, 'demo'], {
		env: { ...process.env, PORTRAIT_ADDR: base.slice('http://'.length) }, stdio: ['ignore', 'pipe', 'inherit'],
		detached: true, // in a session of its own, which Linux may count as one among the sessions, whatever is nice within
	});
	process.on('exit', () => demo.kill('SIGKILL')); // no signal of the terminal reaches it
	try {
		writeFileSync(`/proc/${demo.pid}/autogroup`, '19');
	} catch {
		// This system counts processes alone.
	}
	await once(demo.stdout, 'data');
	return { demo, base };
}

/** Signs in, allows what the page at path asks for, and returns the cookies of the site. */
async function signIn(base, persona, path) {
	const jars = new Map();
	const ask = async (address, init = {}) => {
		const { origin } = new URL(address);
		const jar = jars.get(origin) ?? jars.set(origin, new Map()).get(origin);
		const headers = { ...init.headers, cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; '), accept: 'text/html' };
		const response = await fetch(address, { ...init, headers, redirect: 'manual' });
		for (const line of response.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			jar.set(name, value);
		}
		const next = response.headers.get('location');
		return next ? ask(new URL(next, address).href) : { address, text: await response.text() };
	};
	/** Goes to address, and through all that Microsoft's part of the demo asks on the way. */
	const through = async address => {
		let page = await ask(address);
		while (new URL(page.address).origin !== base) {
			const action = unescaped(/<form [^>]*method="post" action="([^"]+)"/.exec(page.text)[1]);
			const id = /name="id" value="([^"]+)"/.exec(page.text)[1];
			page = await ask(new URL(action, page.address).href, {
				method: 'POST', body: new URLSearchParams({ id, persona, consent: 'accept' }), headers: { origin: new URL(page.address).origin },
			});
		}
		return page.text;
	};
	const allow = /<a [^>]*href="([^"]+)"[^>]* data-allow/.exec(await through(`${base}/auth/sign-in?${new URLSearchParams({ return_to: path })}`));
	if (allow) await through(base + unescaped(allow[1]));
	return [...jars.get(base)].map(([k, v]) => `${k}=${v}`).join('; ');
}

const unescaped = attribute => attribute.replaceAll('&amp;', '&');

const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Looks at one page and returns its scores, what it weighs, and what is wrong. */
async function look(port, base, { name, path, persona }) {
	const flags = {
		port, logLevel: 'error', onlyCategories: CATEGORIES,
		...(persona && { extraHeaders: { Cookie: await signIn(base, persona, path) } }),
	};
	await lighthouse(base + path, flags);
	const runs = [];
	for (let i = 0; i < RUNS; i++) runs.push((await lighthouse(base + path, flags)).lhr);
	const scores = CATEGORIES.map(category => median(runs.map(r => Math.round(r.categories[category].score * 100))));
	const wrong = new Set();
	for (const { audits, categories } of runs) {
		for (const category of CATEGORIES) {
			for (const { id, weight } of categories[category].auditRefs) {
				if (weight > 0 && audits[id].score !== null && audits[id].score < 0.9) wrong.add(`${id}: ${audits[id].displayValue ?? audits[id].title}`);
			}
		}
	}
	const [{ audits, finalDisplayedUrl }] = runs;
	if (!finalDisplayedUrl.endsWith(path)) wrong.add(`it led to ${finalDisplayedUrl}`);
	const seconds = id => (median(runs.map(r => r.audits[id].numericValue)) / 1000).toFixed(2);
	return { name, scores, bytes: audits['total-byte-weight'].numericValue, fcp: seconds('first-contentful-paint'), lcp: seconds('largest-contentful-paint'), wrong: [...wrong] };
}

function report(results) {
	const rows = results.map(r => `| ${r.name} | ${r.scores.join(' | ')} | ${(r.bytes / 1000).toFixed(0)} kB | ${r.fcp} s | ${r.lcp} s |`);
	return `# Lighthouse

Written by \`make lighthouse\`: the demo as on a phone (Lighthouse's own slow 4G and slow processor, simulated), the middle of ${RUNS} runs. The server on the same machine lets the browser go first.

| page | performance | accessibility | best practices | weight | first paint | largest paint |
|---|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}
`;
}

const { demo, base } = await startDemo();
const chrome = await launch({ chromePath: process.env.CHROME_PATH, chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'] });
try {
	const results = [];
	for (const page of PAGES) {
		const result = await look(chrome.port, base, page);
		console.log(result.name, result.scores.join('/'), `${result.bytes} bytes`, ...result.wrong.map(w => `\n\t${w}`));
		results.push(result);
	}
	await writeFile(`${ROOT}/docs/lighthouse.md`, report(results));
	if (results.some(r => r.scores.some(s => s < 100))) process.exitCode = 1;
} finally {
	chrome.kill();
	demo.kill();
	await Promise.race([once(demo, 'exit'), setTimeout(10_000, undefined, { ref: false })]);
}
