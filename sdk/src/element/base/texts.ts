/** A text, or its forms by plural category, as `Intl.PluralRules` names them. `{name}` stands for a value. */
export type Text = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** Texts by name. */
export type Texts = Readonly<Record<string, Text>>;

const replaced: Record<string, Text> = {};
const listeners = new Set<() => void>();

/**
 * Replaces texts of all elements: `setTexts({ 'reaction-heart': 'Herz', ended: 'Das Video ist zu Ende.' })`.
 * The names are in docs/PLAYER.md. An element's own `texts` go before these.
 */
export function setTexts(texts: Texts): void {
	Object.assign(replaced, texts);
	for (const listener of listeners) listener();
}

/** Calls a function after each {@link setTexts}. Returns a function that ends it. */
export function onTexts(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** The words and numbers of one element, in its language. */
export interface Words {
	/** The language, for formats of `Intl`; undefined: the browser's own. */
	readonly locale: string | undefined;
	/** Returns a text with its values. `count` also chooses the plural form. */
	text(name: string, values?: Readonly<Record<string, string | number>>): string;
	number(value: number): string;
	/** Returns how long ago a time was, in milliseconds since 1970: `now`, `4 min. ago`, `Mar 5`. */
	ago(at: number, now: number): string;
	/** Returns a time as date and time of day. */
	date(at: number): string;
}

/** Returns the language if `Intl` knows it; undefined, the browser's own, for any other. */
function known(lang: string): string | undefined {
	try {
		return Intl.getCanonicalLocales(lang)[0];
	} catch {
		return undefined;
	}
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Creates the words of a language. `own` and the replaced texts go before `defaults`. */
export function createWords(lang: string, defaults: Texts, own: Texts = {}): Words {
	const locale = known(lang);
	const numbers = new Intl.NumberFormat(locale);
	const plural = new Intl.PluralRules(locale);
	const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
	return {
		locale,
		text(name, values = {}) {
			const found = own[name] ?? replaced[name] ?? defaults[name] ?? name.replace(/^reaction-/, '');
			const text =
				typeof found === 'string' ? found : (found[plural.select(Number(values.count))] ?? found.other ?? '');
			return text.replace(/\{(\w+)\}/g, (whole, key: string) => {
				const value = values[key];
				return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
			});
		},
		number: numbers.format,
		ago(at, now) {
			const minutes = Math.max(0, Math.floor((now - at) / MINUTE_MS));
			if (minutes < 1) return relative.format(0, 'second');
			if (minutes < 60) return relative.format(-minutes, 'minute');
			if (minutes < DAY_MINUTES) return relative.format(-Math.floor(minutes / 60), 'hour');
			return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' }).format(at);
		},
		date: (at) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at),
	};
}
