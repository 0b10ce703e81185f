/*
 * The look, as values: every colour, size and typeface of Portrait stands here
 * and nowhere else. Components (static/css) and utilities (views) use them by
 * their intent: var(--color-surface), class="bg-surface text-muted".
 *
 * Light is the rule. Dark is what the system asks for, unless the page says
 * data-theme="light", and what data-theme="dark" asks for.
 */
import plugin from 'tailwindcss/plugin';

/** The colours, [light, dark]. Text on its ground has 4.5 to 1 or better in both. */
const colours = {
	ground: ['#f6f7f9', '#141518'],
	surface: ['#ffffff', '#1d1f23'],
	sunken: ['#eef0f3', '#26292e'],
	text: ['#1a1c20', '#f1f2f4'],
	muted: ['#5b616b', '#a4a9b3'],
	line: ['#e1e4e9', '#32363d'],
	// Borders of controls: 3 to 1 on every ground (WCAG 1.4.11), which line is not.
	'line-strong': ['#7f858f', '#747a84'],

	accent: ['#0f6cbd', '#62abf5'],
	'accent-strong': ['#0c5a9e', '#8ac1f8'], // under the pointer
	'accent-ink': ['#ffffff', '#0b1a2a'],
	'accent-soft': ['#e8f2fb', '#16293b'],

	caution: ['#8a5300', '#f2c063'], // "not yet"
	'caution-soft': ['#fdf3e1', '#33270f'],
	danger: ['#b3261e', '#ff8a80'], // destruction only

	// Behind initials, by views.Hue. White on each: 4.5 to 1 or better.
	'avatar-ink': ['#ffffff', '#ffffff'],
	'avatar-0': ['#5b5fc7', '#5b5fc7'],
	'avatar-1': ['#0f6cbd', '#0f6cbd'],
	'avatar-2': ['#0b7285', '#0b7285'],
	'avatar-3': ['#2b7a3d', '#2b7a3d'],
	'avatar-4': ['#8a5300', '#8a5300'],
	'avatar-5': ['#b4472a', '#b4472a'],
	'avatar-6': ['#b0306f', '#b0306f'],
	'avatar-7': ['#7a4399', '#7a4399'],

	// The drawing of the home page.
	'art-sky': ['#cfe4f7', '#1f3c58'],
	'art-ground': ['#e8f2fb', '#16293b'],
	'art-skin': ['#e9b995', '#d9a781'],
	'art-hair': ['#4a342a', '#33231b'],
};

/** Shadows, [light, dark]: a card lies on the page, a panel floats above it. */
const shadows = {
	card: ['0 1px 2px rgb(16 24 40 / 5%)', '0 1px 2px rgb(0 0 0 / 40%)'],
	panel: ['0 8px 24px rgb(16 24 40 / 14%)', '0 8px 24px rgb(0 0 0 / 60%)'],
};

/** What is the same in both themes. 1rem is 16 px unless the reader wants it larger. */
const constants = {
	'--radius-control': '0.5rem', // 8 px
	'--radius-card': '1rem', // 16 px
	'--control': 'min(2.75rem, 14vw)', // 44 px, the smallest thing that a finger hits; very large text keeps it within a phone
	'--control-small': '2.25rem', // 36 px, beside others only
	'--motion': '120ms', // at most 150; base.css turns it off for who wants none
	// Four sizes of text, and no others: a browser draws each letter anew for another.
	'--text-small': '0.875rem',
	'--text-body': '1rem',
	'--text-large': '1.25rem',
	'--text-title': '1.75rem',
	'--font-sans': '"Segoe UI Variable", "Segoe UI", system-ui, sans-serif',
	'--font-sans-zh': '"Segoe UI Variable", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", system-ui, sans-serif',
};

/** theme returns the custom properties of a theme: 0 is light, 1 is dark. */
function theme(index) {
	const properties = { 'color-scheme': index === 0 ? 'light' : 'dark' };
	for (const [name, values] of Object.entries(colours)) properties[`--color-${name}`] = values[index];
	for (const [name, values] of Object.entries(shadows)) properties[`--shadow-${name}`] = values[index];
	return properties;
}

/** variables maps names to the custom properties that hold their values. */
function variables(prefix, names) {
	return Object.fromEntries(names.map((name) => [name, `var(--${prefix}-${name})`]));
}

export default {
	content: ['./views/**/*.templ'],
	theme: {
		// Everything of tailwind's own is replaced: what isn't here can't be used.
		colors: { transparent: 'transparent', current: 'currentColor', ...variables('color', Object.keys(colours)) },
		boxShadow: { none: 'none', ...variables('shadow', Object.keys(shadows)) },
		borderRadius: { none: '0', control: 'var(--radius-control)', card: 'var(--radius-card)', full: '9999px' },
		fontFamily: { sans: 'var(--font-sans)', zh: 'var(--font-sans-zh)' },
		fontWeight: { normal: '400', strong: '600' },
		fontSize: {
			small: ['var(--text-small)', '1.5'],
			body: ['var(--text-body)', '1.5'],
			large: ['var(--text-large)', '1.4'],
			title: ['var(--text-title)', '1.25'],
		},
		// The 8-px grid: p-2 is 16 px. Half a step is for what stands inside a control.
		spacing: {
			0: '0',
			px: '1px',
			0.5: '0.25rem',
			1: '0.5rem',
			2: '1rem',
			3: '1.5rem',
			4: '2rem',
			5: '2.5rem',
			6: '3rem',
			8: '4rem',
			10: '5rem',
			12: '6rem',
			control: 'var(--control)',
			'control-small': 'var(--control-small)',
		},
		// 360 is the rule; from here on there is room for more.
		screens: { tablet: '48rem', laptop: '72rem' },
	},
	plugins: [
		plugin(({ addBase }) => {
			addBase({
				':root': { ...theme(0), ...constants },
				':root[data-theme="dark"]': theme(1),
				'@media (prefers-color-scheme: dark)': { ':root:not([data-theme="light"])': theme(1) },
			});
		}),
	],
};
