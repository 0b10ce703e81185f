/**
 * Shows the new photo wherever the page shows it, <img data-photo> perhaps hidden
 * over initials, and no more what was said of the old one. root is the editor's.
 */
export function replacePhotos({ dataset }: HTMLElement, etag: string, seen: boolean): void {
	const address = seen ? dataset.image : dataset.draftImage; // the same picture, as long as others get the old one
	for (const image of document.querySelectorAll<HTMLImageElement>('img[data-photo]')) {
		image.src = `${address}?v=${encodeURIComponent(etag)}`;
		image.hidden = false;
	}
	document.querySelector<HTMLElement>('[data-photo-facts]')?.remove();
}
