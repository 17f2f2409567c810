import { elementOf } from './element-of.ts';

const FEEDBACK_MS = 2000;

/** Lets each button with `data-copy` copy the text of the element with the same `data-copied`. */
export function startCopyButtons(): void {
	for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
		const label = button.textContent;
		let timer: ReturnType<typeof setTimeout> | undefined;
		button.addEventListener('click', async () => {
			const source = elementOf(`[data-copied="${button.dataset.copy}"]`, HTMLElement);
			button.textContent = (await copy(source)) ? 'Copied' : 'Selected';
			clearTimeout(timer);
			timer = setTimeout(() => {
				button.textContent = label;
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
