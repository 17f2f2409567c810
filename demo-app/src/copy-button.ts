import { elementOf } from './element-of.ts';

const FEEDBACK_MS = 2000;

/** Lets each button with `data-copy` copy the text of the element with the same `data-copied`. */
export function startCopyButtons(): void {
	const status = elementOf('[data-copy-status]', HTMLElement);
	for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
		const [label] = button.childNodes;
		if (!(label instanceof Text)) throw new TypeError('A copy button begins with its visible text');
		const text = label.data;
		let timer: ReturnType<typeof setTimeout> | undefined;
		button.addEventListener('click', async () => {
			const source = elementOf(`[data-copied="${button.dataset.copy}"]`, HTMLElement);
			label.data = (await copy(source)) ? 'Copied' : 'Selected';
			status.textContent = button.textContent;
			clearTimeout(timer);
			timer = setTimeout(() => {
				label.data = text;
				status.textContent = '';
			}, FEEDBACK_MS);
		});
	}
}

/** Copies the text. When the browser forbids it, as it does without TLS, it selects the text, and resolves with false. */
async function copy(source: HTMLElement): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(source.textContent);
		return true;
	} catch {
		getSelection()?.selectAllChildren(source);
		return false;
	}
}
