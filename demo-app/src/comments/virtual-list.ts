import { keepFocus } from '../focus.ts';
import { createRowHeights } from './row-heights.ts';

/** A rendered row, whose element can have the focus. */
export interface Row<Item> {
	readonly element: HTMLElement;
	update(item: Item): void;
}

export interface VirtualListOptions<Item> {
	/** The scrolling element. */
	readonly scroller: HTMLElement;
	/** The element in it that contains the rows. */
	readonly list: HTMLElement;
	readonly createRow: (item: Item) => Row<Item>;
	/** Called when the visible rows changed. */
	readonly onSeen: (items: readonly Item[], atEnd: boolean) => void;
	/** Called near the first row, to load older ones. */
	readonly onStart: () => void;
}

/**
 * A list of any length that renders only the rows near the visible ones. At the end it follows new rows, unless a viewer with a
 * keyboard is at a row, which would scroll away. Further up the visible rows keep their position when rows are added above or
 * below. When the row with the focus is removed, the focus goes to the next one.
 */
export interface VirtualList<Item> {
	readonly isAtEnd: boolean;
	/** Shows items from the next frame on. A changed item must be a new object. */
	show(items: readonly Item[]): void;
	/** Updates all rendered rows. */
	refresh(): void;
	scrollToEnd(): void;
	/** Scrolls to an item, and moves the focus to it. Returns whether the list has it. */
	scrollTo(key: string): boolean;
}

/** The height of a row before its first rendering, in pixels. */
const ESTIMATED_HEIGHT = 74;
/** The distance up to which invisible rows are rendered, in pixels, so that fast scrolling shows no gap. */
const OVERSCAN = 500;
/** The distance that counts as the end, in pixels. */
const END_SLACK = 32;
/** The limit of layout passes, each of which may measure other heights than estimated. */
const MAX_PASSES = 4;

export function createVirtualList<Item extends { readonly key: string }>(
	options: VirtualListOptions<Item>,
): VirtualList<Item> {
	const { scroller, list, createRow, onSeen, onStart } = options;
	const heights = createRowHeights(ESTIMATED_HEIGHT);
	const rows = new Map<string, Row<Item> & { item: Item; index: number }>();
	let items: readonly Item[] = [];
	/** The keys of the rows in the last layout. */
	let keys: readonly string[] = [];
	let atEnd = true;
	/** The height of the scrolling element in the last layout, in pixels. */
	let laidOutFor = 0;
	/** The row that keeps its position on the screen when rows above it change. */
	let anchor: { readonly key: string; readonly below: number } | undefined;
	/** The row that gets the focus after the next layout. */
	let toFocus: string | undefined;
	let frame = 0;
	let seen = '';

	/** A short list is aligned to the bottom. */
	const base = () => Math.max(0, scroller.clientHeight - heights.total);

	function topRow(): typeof anchor {
		const index = heights.indexAt(scroller.scrollTop - base());
		const key = keys[index];
		return key === undefined ? undefined : { key, below: scroller.scrollTop - base() - heights.topOf(index) };
	}

	function remember(): void {
		// An element that became shorter since the last layout hides rows that no viewer has scrolled away from.
		const height = Math.max(scroller.clientHeight, laidOutFor);
		atEnd = scroller.scrollHeight - scroller.scrollTop - height < END_SLACK;
		anchor = topRow();
	}

	/** Returns whether rows were added below a row with a visible focus. A click gives a row the focus without showing it. */
	function isReadFromEnd(last: string | undefined): boolean {
		if (last === undefined || last === keys.at(-1) || base() > 0) return false;
		return list.querySelector(':focus-visible') !== null && keys.includes(last);
	}

	function place(): void {
		const last = keys.at(-1);
		const top = topRow();
		laidOutFor = scroller.clientHeight;
		keys = items.map(({ key }) => key);
		heights.layOut(keys);
		list.style.height = `${base() + heights.total}px`;
		if (atEnd && isReadFromEnd(last)) {
			atEnd = false;
			anchor = top;
		}
		if (atEnd) {
			scroller.scrollTop = scroller.scrollHeight;
			return;
		}
		const index = anchor === undefined ? -1 : keys.indexOf(anchor.key);
		if (index < 0 || anchor === undefined) return;
		const wanted = base() + heights.topOf(index) + anchor.below;
		if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted;
	}

	function range(margin: number): [first: number, end: number] {
		const top = scroller.scrollTop - base();
		const first = heights.indexAt(top - margin);
		return [first, Math.min(items.length, heights.indexAt(top + scroller.clientHeight + margin) + 1)];
	}

	const isFocused = ({ element }: Row<Item>) => element.contains(document.activeElement);

	/** Returns the indexes of the rows to render, by key. A row with the focus stays rendered, or the focus would be lost. */
	function indexesToDraw(): Map<string, number> {
		const [first, end] = range(OVERSCAN);
		const indexes = new Map<string, number>();
		for (let index = first; index < end; index++) indexes.set(items[index]?.key ?? '', index);
		for (const [key, row] of rows) {
			if (indexes.has(key) || !isFocused(row)) continue;
			const index = items.findIndex((item) => item.key === key);
			if (index >= 0) indexes.set(key, index);
		}
		return indexes;
	}

	function remove(key: string, row: Row<Item> & { index: number }): void {
		if (isFocused(row)) {
			toFocus = items[Math.min(row.index, items.length - 1)]?.key;
			keepFocus(row.element, scroller);
		}
		row.element.remove();
		rows.delete(key);
	}

	function draw(): void {
		const byKey = indexesToDraw();
		for (const [key, row] of rows) if (!byKey.has(key)) remove(key, row);
		let next = list.firstElementChild;
		for (const [key, index] of [...byKey].sort(([, one], [, other]) => one - other)) {
			const item = items[index];
			if (item === undefined) continue;
			let row = rows.get(key);
			if (row === undefined) {
				row = { ...createRow(item), item, index };
				row.update(item);
				rows.set(key, row);
			} else if (row.item !== item) {
				row.item = item;
				row.update(item);
			}
			row.index = index;
			const { element } = row;
			element.style.transform = `translateY(${base() + heights.topOf(index)}px)`;
			element.setAttribute('aria-posinset', `${index + 1}`);
			element.setAttribute('aria-setsize', `${items.length}`);
			if (element === next) next = next.nextElementSibling;
			else list.insertBefore(element, next);
		}
	}

	function measure(): boolean {
		let changed = false;
		for (const [key, { element }] of rows) changed = heights.measure(key, element.offsetHeight) || changed;
		return changed;
	}

	function notifySeen(): void {
		const [first, end] = range(0);
		const visible = items.slice(first, end);
		const next = `${atEnd} ${visible.map(({ key }) => key).join(' ')}`;
		if (next !== seen) onSeen(visible, atEnd);
		seen = next;
		if (scroller.scrollTop < OVERSCAN) onStart();
	}

	function focusRow(): void {
		if (toFocus === undefined) return;
		rows.get(toFocus)?.element.focus();
		toFocus = undefined;
	}

	function render(): void {
		frame = 0;
		// A detached or hidden list has no heights.
		if (scroller.clientHeight === 0) return;
		place();
		for (let pass = 0; pass < MAX_PASSES; pass++) {
			draw();
			if (!measure()) break;
			place();
		}
		focusRow();
		notifySeen();
	}

	function request(): void {
		if (frame === 0) frame = requestAnimationFrame(render);
	}

	function scrollToEnd(): void {
		atEnd = true;
		// At once, or a scroll that the browser still animates would move the list before the next frame.
		scroller.scrollTop = scroller.scrollHeight;
		request();
	}

	// A scrolling element must be reachable with the keyboard.
	scroller.tabIndex = 0;
	scroller.addEventListener('keydown', (event) => {
		if (event.key !== 'End') return;
		// A row with the focus would stay behind, and hold the list.
		event.preventDefault();
		scroller.focus();
		scrollToEnd();
	});
	scroller.addEventListener(
		'scroll',
		() => {
			remember();
			request();
		},
		{ passive: true },
	);
	let width = 0;
	new ResizeObserver(() => {
		if (scroller.clientWidth !== width) heights.forget();
		width = scroller.clientWidth;
		request();
	}).observe(scroller);

	return {
		get isAtEnd() {
			return atEnd;
		},
		show(next) {
			items = next;
			request();
		},
		refresh() {
			for (const row of rows.values()) row.update(row.item);
		},
		scrollToEnd,
		scrollTo(key) {
			const index = items.findIndex((item) => item.key === key);
			if (index < 0) return false;
			atEnd = false;
			anchor = { key, below: -scroller.clientHeight / 3 };
			toFocus = key;
			request();
			return true;
		},
	};
}
