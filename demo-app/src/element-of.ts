/** Returns the element that `selector` matches. Throws when the page has none, or one of another kind. */
export function elementOf<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
	const element = document.querySelector(selector);
	if (!(element instanceof kind)) throw new TypeError(`The page has no ${kind.name} at ${selector}`);
	return element;
}
