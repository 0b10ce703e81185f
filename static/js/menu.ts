/** Menu closes an open <details> when a person presses Escape or goes elsewhere. */
export class Menu {
	constructor(private readonly details: HTMLDetailsElement) {
		details.addEventListener('keydown', event => {
			if (event.key === 'Escape' && details.open) this.close();
		});
		document.addEventListener('pointerdown', event => this.leave(event.target));
		details.addEventListener('focusout', event => this.leave(event.relatedTarget));
	}

	private close(): void {
		this.details.open = false;
		this.details.querySelector('summary')?.focus();
	}

	private leave(target: EventTarget | null): void {
		if (target instanceof Node && !this.details.contains(target)) this.details.open = false;
	}
}
