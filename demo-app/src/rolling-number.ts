import { formatCount } from './reaction-types.ts';

/** A number that animates its digits to a new value. */
export interface RollingNumber {
	readonly element: HTMLElement;
	set(value: number): void;
}

/** The interval between two rolls, in milliseconds, so that a busy number stays readable. */
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
 * Creates a rolling number. The style draws the ten digits of each reel, so the text of the element, for screen readers and for
 * copying, is the number alone, and so is `data-value`.
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
	/** The cells from the right, where a digit keeps its position when the number grows. */
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

	/** Sets the text at once. The first change after a rest also rolls at once. */
	function set(value: number): void {
		text.textContent = formatCount(value);
		element.dataset.value = String(value);
		if (resting) roll();
	}

	set(0);
	return { element, set };
}
