/**
 * ThemeSwitch changes between light and dark without leaving the page, so that
 * a framed picture stays. Its element is the form that does the same, with a
 * reload, where there is no script.
 */
export class ThemeSwitch {
	constructor(private readonly form: HTMLFormElement) {
		form.addEventListener('submit', event => {
			event.preventDefault();
			this.change();
		});
	}

	private change(): void {
		const root = document.documentElement;
		const theme = this.isDark() ? 'light' : 'dark';
		root.dataset.theme = theme;
		const fields = new URLSearchParams({ theme });
		for (const input of this.form.querySelectorAll<HTMLInputElement>('input[name]')) fields.set(input.name, input.value);
		// Only remembering it can fail, and the page already looks as wished.
		void fetch(this.form.action, { method: 'POST', body: fields, redirect: 'manual' }).catch(() => undefined);
	}

	private isDark(): boolean {
		const chosen = document.documentElement.dataset.theme;
		return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
	}
}
