import type en from '../../internal/words/en.json';

/** The sentences of scripts: the keys "script.…" of internal/words, without that prefix. */
export type Key = keyof typeof en extends infer K ? (K extends `script.${infer Name}` ? Name : never) : never;

/** What is put into a sentence, by name. Numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number>>;

const texts = JSON.parse(document.getElementById('words')?.textContent ?? '{}') as Partial<Record<Key, string | Partial<Record<Intl.LDMLPluralRule, string>>>>;
/** The language of the page. */
export const language = document.documentElement.lang || 'en';
// Made when first needed, for that takes long.
let plurals: Intl.PluralRules | undefined;
let numbers: Intl.NumberFormat | undefined;

/**
 * Says a sentence in the language of the page: say('percent', { Percent: 140 }).
 * The key is a literal, so that a test can find it. Of plural forms the value
 * Count chooses one.
 */
export function say(key: Key, values: Values = {}): string {
	return form(texts[key] ?? key, Number(values.Count)).replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = values[name] ?? '';
		return typeof value === 'number' ? writeNumber(value) : value;
	});
}

function form(text: string | Partial<Record<Intl.LDMLPluralRule, string>>, count: number): string {
	if (typeof text === 'string') return text;
	plurals ??= new Intl.PluralRules(language);
	return text[plurals.select(count)] ?? text.other ?? '';
}

function writeNumber(value: number): string {
	numbers ??= new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
	return numbers.format(value);
}

/** A length of time in words, rounded up: "5 seconds", "2 minutes". */
export function sayTime(ms: number): string {
	const seconds = Math.ceil(ms / 1000);
	const [amount, unit] = seconds <= 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
	return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
