/// <reference lib="webworker" />
// The service worker. It takes one thing only: a picture that is shared to
// Portrait on a phone. The picture stays in this browser until the page of the
// photo opens it; static/js/shared.ts does. Everything else goes its usual way.
import { keepShared } from '../shared';

const worker = self as unknown as ServiceWorkerGlobalScope;

worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('activate', e => e.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', e => {
	const { pathname, origin } = new URL(e.request.url);
	if (e.request.method === 'POST' && origin === worker.location.origin && pathname === '/share') e.respondWith(take(e.request));
});

async function take(request: Request): Promise<Response> {
	try {
		const picture = (await request.formData()).get('photo');
		if (picture instanceof Blob) await keepShared(picture);
	} catch {
		// The page asks for a picture then, as it always does.
	}
	return Response.redirect('/me/photo', 303);
}
