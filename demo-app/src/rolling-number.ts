import { formatCount } from './reaction-types.ts';

/** A number whose digits roll to their new value. */
export interface RollingNumber {
	readonly element: HTMLElement;
	set(value: number): void;
}

/** Digits come to rest between two rolls, or a busy number could never be read. */
const ROLL_EVERY_MS = 320;

interface Cell {
	readonly element: HTMLElement;
	show(character: string): void;
}

function createDigit(): Cell {
	const element = document.createElement('span');
	const reel = document.createElement('span');
	element.className = 'digit';
	reel.className = 'reel';
	element.append(reel);
	return {
		element,
		show(character) {
			reel.style.transform = `translateY(${Number(character) * -10}%)`;
		},
	};
}

function createSign(): Cell {
	const element = document.createElement('span');
	return {
		element,
		show(character) {
			element.dataset.sign = character;
		},
	};
}

const isDigit = (character: string) => character >= '0' && character <= '9';

/**
 * Ten digits are drawn for each that is seen, and only by the style: the text of the element is the number, for screen
 * readers and for who copies it, and so is its `data-value`.
 */
export function createRollingNumber(): RollingNumber {
	const element = document.createElement('span');
	const rolling = document.createElement('span');
	const text = document.createElement('span');
	element.className = 'number';
	rolling.className = 'rolling';
	rolling.setAttribute('aria-hidden', 'true');
	text.className = 'unseen';
	element.append(rolling, text);
	/** From the right, where a digit keeps its place when the number grows. */
	const cells: Cell[] = [];
	let resting = true;
	let rolledTo = '';

	function roll(): void {
		const written = text.textContent;
		resting = written === rolledTo;
		if (resting) return;
		rolledTo = written;
		setTimeout(roll, ROLL_EVERY_MS);
		const characters = [...written].reverse();
		for (const cell of cells.splice(characters.length)) cell.element.remove();
		for (const [place, character] of characters.entries()) {
			let cell = cells[place];
			if (!cell) {
				cell = isDigit(character) ? createDigit() : createSign();
				cells.push(cell);
				rolling.prepend(cell.element);
			}
			cell.show(character);
		}
	}

	/** The text is exact at once; the first change after a rest rolls at once, too. */
	function set(value: number): void {
		text.textContent = formatCount(value);
		element.dataset.value = String(value);
		if (resting) roll();
	}

	set(0);
	return { element, set };
}
