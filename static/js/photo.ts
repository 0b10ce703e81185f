// The scripts of a photo's page, beside those of every page.
import { shareAddress } from './assistant';
import { DraftCard } from './draft';
import { Editor } from './editor';
import { idle } from './idle';
import { Kept } from './kept';
import { takeShared } from './shared';
import { Vault } from './vault';

const vault = Vault.ofPage();
for (const root of document.querySelectorAll<HTMLElement>('[data-editor]')) {
	const editor = new Editor(root, vault);
	void idle().then(() => Kept.offer(root, vault));
	const { share } = root.dataset;
	if (share) void idle().then(() => receive(share, editor));
}
for (const root of document.querySelectorAll<HTMLElement>('[data-draft]')) new DraftCard(root);

/**
 * Opens what was shared to Portrait, which the service worker at address took. A
 * phone offers that where Portrait is installed: nobody else gets one.
 */
async function receive(address: string, editor: Editor): Promise<void> {
	const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined; // some browsers have none in a private window
	if (!workers) return;
	// Where it isn't wanted, nothing is lost: the server answers what is shared.
	const register = () => void workers.register(shareAddress(address), { scope: '/' }).catch(() => undefined);
	addEventListener('appinstalled', register);
	if (workers.controller || matchMedia('(display-mode: standalone)').matches) register(); // a new release has a new one
	if (!workers.controller) return;
	const shared = await takeShared();
	if (shared) void editor.take(shared, '');
}
