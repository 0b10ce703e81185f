import { part, reasonField } from './parts';

/**
 * Offers to bring back what was there before a save: undo is an id of the
 * history, "none" where there was no photo, "" where it can't be undone. The form
 * is the part "undo" of views/editor.templ.
 */
export function offerUndo(root: HTMLElement, undo: string): void {
	const form = part(root, 'undo', HTMLFormElement);
	form.hidden = undo === '';
	form.action = undo === 'none' ? `${root.dataset.photo}/remove` : `${root.dataset.photo}/history/${encodeURIComponent(undo)}/restore`;
	part(root, 'undo-reason', HTMLInputElement).value = reasonField(root)?.value.trim() ?? '';
}
