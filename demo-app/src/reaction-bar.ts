import { paintReaction } from '@likewire/sdk/hearts';
import { type Counts, REACTIONS } from './reaction-types.ts';
import { createRollingNumber } from './rolling-number.ts';

const ICON = 28;
/** Rendered larger than shown, for screens with three pixels for one. */
const ICON_PIXELS = ICON * 3;

function createIcon(type: string): HTMLCanvasElement {
	const icon = document.createElement('canvas');
	icon.width = icon.height = ICON_PIXELS;
	icon.setAttribute('aria-hidden', 'true');
	const context = icon.getContext('2d');
	if (context) paintReaction(context, type, ICON_PIXELS);
	return icon;
}

/** A button with an icon and a total for each reaction. */
export interface ReactionBar {
	setTotals(totals: Counts): void;
	/** Disables the buttons, of which one may keep the focus. */
	close(): void;
}

/** Adds the buttons to `container`, and calls `onReact` for each tap. */
export function createReactionBar(container: HTMLElement, onReact: (type: string) => void): ReactionBar {
	const numbers = new Map(
		REACTIONS.map(({ type, label }) => {
			const button = document.createElement('button');
			const number = createRollingNumber();
			button.type = 'button';
			button.className = 'reaction';
			button.dataset.type = type;
			// The label leaves out the count, which a screen reader would read at each change while the button has the focus.
			button.setAttribute('aria-label', label);
			button.append(createIcon(type), number.element);
			button.addEventListener('click', () => onReact(type));
			container.append(button);
			return [type, number] as const;
		}),
	);

	return {
		setTotals(totals) {
			for (const [type, number] of numbers) number.set(totals[type] ?? 0);
		},
		close() {
			for (const button of container.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
		},
	};
}
