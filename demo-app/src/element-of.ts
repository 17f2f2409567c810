/** The element of the page that `selector` names; throws when the page has none, or another kind of it. */
export function elementOf<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
	const element = document.querySelector(selector);
	if (!(element instanceof kind)) throw new TypeError(`The page has no ${kind.name} at ${selector}`);
	return element;
}
