import { isolated } from '../elements.ts';

/** Shows the typing users: `ann and bob are typing`. */
export function showTyping(line: HTMLElement, users: readonly string[]): void {
	const [first = '', second = ''] = users;
	line.hidden = users.length === 0;
	if (users.length === 1) line.replaceChildren(isolated(first), ' is typing');
	else if (users.length === 2) line.replaceChildren(isolated(first), ' and ', isolated(second), ' are typing');
	else line.replaceChildren(`${users.length} people are typing`);
}
