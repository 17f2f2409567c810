import { sumTotals, type Totals } from '@likewire/protocol';
import { make } from '../base/dom.ts';
import type { Texts, Words } from '../base/texts.ts';
import { clockText } from './clock-text.ts';
import type { Heat } from './heat.ts';

/** The texts of a replay. */
export const TEXTS: Texts = {
	heat: 'Reactions over time, most at {time}',
	'no-heat': 'No reactions in this recording',
	highlight: { one: 'Go to {time}, {count} reaction', other: 'Go to {time}, {count} reactions' },
};

/** A time of the recording with many reactions. */
export interface Mark {
	/** In seconds of the media. */
	readonly time: number;
	readonly counts: Totals;
}

/** The least distance of two marks, as a share of the recording: two marks of 24 pixels on a player of 360. */
const LEAST_APART = 0.08;

/** Returns the best marks that do not cover each other, in the order of the recording. `marks` begins with the best. */
export function placeMarks(marks: readonly Mark[], duration: number): readonly Mark[] {
	const placed: Mark[] = [];
	for (const mark of marks) {
		const isFree = placed.every(({ time }) => Math.abs(time - mark.time) >= LEAST_APART * duration);
		if (isFree && mark.time >= 0 && mark.time < duration) placed.push(mark);
	}
	return placed.sort((a, b) => a.time - b.time);
}

const SVG = 'http://www.w3.org/2000/svg';

function drawHeat({ path, columns }: Heat): SVGSVGElement {
	const svg = document.createElementNS(SVG, 'svg');
	svg.setAttribute('part', 'heat');
	svg.setAttribute('role', 'img');
	svg.setAttribute('viewBox', `0 0 ${columns.length} 1`);
	svg.setAttribute('preserveAspectRatio', 'none');
	const line = document.createElementNS(SVG, 'path');
	line.setAttribute('d', path);
	svg.append(line);
	return svg;
}

/** The heat line of a recording, with marks that seek. */
export interface ReplayView {
	readonly element: HTMLElement;
	localize(words: Words): void;
}

/** Draws a heat line and its marks. It calls `onSeek` with the second of a mark. */
export function createReplayView(
	heat: Heat,
	marks: readonly Mark[],
	duration: number,
	onSeek: (time: number) => void,
): ReplayView {
	const svg = drawHeat(heat);
	const buttons = marks.map(({ time }) => {
		const button = make('button', { type: 'button', part: 'highlight' }, make('span', { 'aria-hidden': 'true' }));
		// By the object model: a policy without `unsafe-inline` forbids the attribute.
		button.style.left = `${(time / duration) * 100}%`;
		// Its time stays inside of the stage.
		button.classList.toggle('late', time > duration / 2);
		button.addEventListener('click', () => onSeek(time));
		return button;
	});
	const element = make('div', { part: 'replay' }, svg, ...buttons);
	return {
		element,
		localize(words) {
			const { locale } = words;
			const label =
				heat.peak === undefined ? words.text('no-heat') : words.text('heat', { time: clockText(heat.peak, locale) });
			svg.setAttribute('aria-label', label);
			for (const [place, button] of buttons.entries()) {
				const { time = 0, counts = {} } = marks[place] ?? {};
				const shown = clockText(time, locale);
				// Speech control finds a button by what it shows.
				button.setAttribute('aria-label', words.text('highlight', { time: shown, count: sumTotals(counts) }));
				(button.firstChild as HTMLElement).textContent = shown;
			}
		},
	};
}
