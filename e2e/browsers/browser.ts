/** A tab of a browser that WebDriver controls. */
export interface DrivenTab {
	/** Opens an address, and resolves when the page is loaded. */
	goto(url: string): Promise<void>;
	/** Goes one page back, and resolves when the browser shows it. */
	back(): Promise<void>;
	/** Resolves with the current address of the tab. */
	url(): Promise<string>;
	/**
	 * Runs a function in the page, and resolves with its result. The function and its arguments travel as text, so the function
	 * cannot use variables of the test.
	 */
	evaluate<Args extends unknown[], Result>(action: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>>;
	/** Clicks the first element of a selector with the mouse. */
	click(selector: string): Promise<void>;
	/** Presses a key in the focused element. */
	press(key: 'Tab' | 'Enter'): Promise<void>;
	close(): Promise<void>;
}

/** A running browser with a profile of its own. */
export interface DrivenBrowser {
	readonly version: string;
	/** Opens a tab. All tabs share cookies and storage. */
	openTab(): Promise<DrivenTab>;
	/** Opens a new window in the same profile: it stays visible when another tab opens. */
	openWindow(): Promise<DrivenTab>;
	close(): Promise<void>;
}

/** A browser that tests may use. */
export interface BrowserKind {
	/** The Debian packages that install it. */
	readonly debianPackages: readonly string[];
	/** The programs that it requires. */
	readonly programs: readonly string[];
	launch(): Promise<DrivenBrowser>;
}

/** The code points of keys in WebDriver. */
export const KEYS = { Tab: '\uE004', Enter: '\uE007' } as const;

/** The longest start of a browser on a busy machine, in milliseconds. */
export const START_TIMEOUT_MS = 180_000;

/** Returns an expression that runs `action` and evaluates to its result as JSON. */
export function expressionOf(action: (...args: never[]) => unknown, args: readonly unknown[]): string {
	return `(async () => JSON.stringify((await (${action})(...${JSON.stringify(args)})) ?? null))()`;
}
