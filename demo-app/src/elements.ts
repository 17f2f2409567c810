/** An element with a class and what is in it; text stays text. */
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

/** A button of a line of text. */
export function textButton(className: string, label: string, onClick: () => void): HTMLButtonElement {
	const button = element('button', className, label);
	button.type = 'button';
	button.addEventListener('click', onClick);
	return button;
}

/** Text of somebody else: whatever directions it holds end with it. */
export function isolated(text: string, className = ''): HTMLElement {
	return element('bdi', className, text);
}
