// The scripts of every page. Each class is one behaviour, hung on the elements
// that have its data- attribute.
import { shareAddress } from './assistant';
import { BatchDrop, BatchProgress } from './batches';
import { BatchFramer } from './batchframe';
import { BatchWall } from './batchwall';
import { DraftCard } from './draft';
import { Editor } from './editor';
import { Kept } from './kept';
import { List } from './list';
import { Menu } from './menu';
import { forgetShared, takeShared } from './shared';
import { ThemeSwitch } from './theme';
import { localise } from './times';
import { Vault } from './vault';

const vault = Vault.ofPage();
void vault.tidy();
for (const form of document.querySelectorAll<HTMLFormElement>('form[action="/auth/sign-out"]')) {
	form.addEventListener('submit', () => void Promise.all([vault.clear(), forgetShared()]).catch(() => undefined)); // the answer clears it too, where the browser obeys Clear-Site-Data
}
for (const root of document.querySelectorAll<HTMLElement>('[data-editor]')) {
	const editor = new Editor(root, vault);
	void Kept.offer(root, vault);
	if (root.dataset.share) void receive(root.dataset.share, editor);
}
for (const root of document.querySelectorAll<HTMLElement>('[data-draft]')) new DraftCard(root);
for (const root of document.querySelectorAll<HTMLElement>('[data-batch-drop]')) new BatchDrop(root);
for (const root of document.querySelectorAll<HTMLElement>('[data-batch-progress]')) new BatchProgress(root);
for (const dialog of document.querySelectorAll<HTMLDialogElement>('[data-batch-framer]')) new BatchFramer(dialog);
for (const wall of document.querySelectorAll<HTMLElement>('[data-batch-wall]')) new BatchWall(wall);
for (const root of document.querySelectorAll<HTMLElement>('[data-list]')) new List(root);
for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-menu]')) new Menu(details);
for (const form of document.querySelectorAll<HTMLFormElement>('[data-theme-switch]')) new ThemeSwitch(form);
for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-local]')) localise(time);

/** Opens what was shared to Portrait, and has the service worker at address take what will be. */
async function receive(address: string, editor: Editor): Promise<void> {
	const shared = await takeShared();
	if (shared) void editor.take(shared, '');
	// It is there for phones; where the browser has none or doesn't want it, nothing is lost.
	await navigator.serviceWorker?.register(shareAddress(address), { scope: '/' }).catch(() => undefined);
}
