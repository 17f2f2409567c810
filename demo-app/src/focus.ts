/**
 * Moves the focus to `next` when it is in `leaving`. Called before `leaving` is hidden or removed: the browser then drops the
 * focus to the body, and a viewer with a keyboard starts again at the top of the page.
 */
export function keepFocus(leaving: Element, next: HTMLElement): void {
	if (leaving.contains(document.activeElement)) next.focus();
}

/** Shows or hides an element, whose focus moves to `next`. */
export function setHidden(element: HTMLElement, hidden: boolean, next: HTMLElement): void {
	if (hidden) keepFocus(element, next);
	element.hidden = hidden;
}
