const sheets = new Map<string, CSSStyleSheet>();

/**
 * Applies styles to a shadow root. Adopted style sheets work under a Content-Security-Policy without `unsafe-inline`;
 * all elements of a kind share theirs.
 */
export function adoptStyles(root: ShadowRoot, ...styles: readonly string[]): void {
	root.adoptedStyleSheets = styles.map(sheetOf);
}

/** Adds styles of a part that loaded later, once. */
export function addStyles(root: ShadowRoot, css: string): void {
	const sheet = sheetOf(css);
	const adopted = root.adoptedStyleSheets;
	if (!adopted.includes(sheet)) root.adoptedStyleSheets = [...adopted, sheet];
}

function sheetOf(css: string): CSSStyleSheet {
	let sheet = sheets.get(css);
	if (sheet === undefined) {
		sheet = new CSSStyleSheet();
		sheet.replaceSync(css);
		sheets.set(css, sheet);
	}
	return sheet;
}

/** The attributes of an element that {@link make} creates. `true` is an empty attribute; undefined is none. */
export type Attributes = Readonly<Record<string, string | true | undefined>>;

/** Creates an element with attributes and children. Strings become text, never HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	attributes: Attributes = {},
	...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value !== undefined) made.setAttribute(name, value === true ? '' : value);
	}
	made.append(...children);
	return made;
}

/** Sets a text if it changed: a live region with the same text again would be read again. */
export function setText(element: Element, text: string): void {
	if (element.textContent !== text) element.textContent = text;
}
