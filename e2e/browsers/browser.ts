/** A tab of a browser that is driven by WebDriver. */
export interface DrivenTab {
	/** Opens an address, and waits until it is loaded. */
	goto(url: string): Promise<void>;
	/** Goes one page back, and waits until the browser shows it. */
	back(): Promise<void>;
	/** The address that the tab is at now. */
	url(): Promise<string>;
	/**
	 * Runs a function in the page, and resolves with its result. The function and its arguments travel as text, so it reads
	 * nothing of the test.
	 */
	evaluate<Args extends unknown[], Result>(action: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>>;
	/** Presses the first element of a selector as a user does, with the mouse. */
	click(selector: string): Promise<void>;
	close(): Promise<void>;
}

/** A browser of this machine, in a profile of its own. */
export interface DrivenBrowser {
	readonly version: string;
	/** The tabs share cookies and storage, as those of one user do. */
	openTab(): Promise<DrivenTab>;
	/** Opens a window of its own in the same profile: it stays visible when another tab opens. */
	openWindow(): Promise<DrivenTab>;
	close(): Promise<void>;
}

/** A browser that tests may use. */
export interface BrowserKind {
	/** What Debian calls the packages that bring it. */
	readonly debianPackages: readonly string[];
	/** The programs that it takes. */
	readonly programs: readonly string[];
	launch(): Promise<DrivenBrowser>;
}

/** How long a start may take on a machine that does other work, in milliseconds. */
export const START_TIMEOUT_MS = 180_000;

/** The expression that runs `action` and gives its result as JSON. */
export function expressionOf(action: (...args: never[]) => unknown, args: readonly unknown[]): string {
	return `(async () => JSON.stringify((await (${action})(...${JSON.stringify(args)})) ?? null))()`;
}
