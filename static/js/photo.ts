// The scripts of a photo's page, beside those of every page.
import { shareAddress } from './assistant';
import { DraftCard } from './draft';
import { Editor } from './editor';
import { Kept } from './kept';
import { takeShared } from './shared';
import { Vault } from './vault';

const vault = Vault.ofPage();
for (const root of document.querySelectorAll<HTMLElement>('[data-editor]')) {
	const editor = new Editor(root, vault);
	void Kept.offer(root, vault);
	if (root.dataset.share) void receive(root.dataset.share, editor);
}
for (const root of document.querySelectorAll<HTMLElement>('[data-draft]')) new DraftCard(root);

/** Opens what was shared to Portrait, and has the service worker at address take what will be. */
async function receive(address: string, editor: Editor): Promise<void> {
	const shared = await takeShared();
	if (shared) void editor.take(shared, '');
	// It is there for phones; where the browser has none or doesn't want it, nothing is lost.
	await navigator.serviceWorker?.register(shareAddress(address), { scope: '/' }).catch(() => undefined);
}
