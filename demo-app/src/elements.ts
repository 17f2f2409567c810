/** Creates an element with a class and children. Strings become text, never HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	className: string,
	...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
	const made = document.createElement(tag);
	if (className !== '') made.className = className;
	made.append(...children);
	return made;
}

/** Creates a text button. */
export function textButton(className: string, label: string, onClick: () => void): HTMLButtonElement {
	const button = element('button', className, label);
	button.type = 'button';
	button.addEventListener('click', onClick);
	return button;
}

/** Creates an element for text of other users, whose direction does not affect the text around it. */
export function isolated(text: string, className = ''): HTMLElement {
	return element('bdi', className, text);
}
