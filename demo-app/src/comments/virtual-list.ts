import { createRowHeights } from './row-heights.ts';

/** A rendered row. */
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
 * A list of any length that renders only the rows near the visible ones. At the end it follows new rows. Further up the visible
 * rows keep their position when rows are added above or below.
 */
export interface VirtualList<Item> {
	readonly isAtEnd: boolean;
	/** Shows items from the next frame on. A changed item must be a new object. */
	show(items: readonly Item[]): void;
	/** Updates all rendered rows. */
	refresh(): void;
	scrollToEnd(): void;
	/** Scrolls to an item. Returns whether the list has it. */
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
	const rows = new Map<string, Row<Item> & { item: Item }>();
	let items: readonly Item[] = [];
	/** The keys of the rows in the last layout. */
	let keys: readonly string[] = [];
	let atEnd = true;
	/** The row that keeps its position on the screen when rows above it change. */
	let anchor: { readonly key: string; readonly below: number } | undefined;
	let frame = 0;
	let seen = '';

	/** A short list is aligned to the bottom. */
	const base = () => Math.max(0, scroller.clientHeight - heights.total);

	function remember(): void {
		atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_SLACK;
		const index = heights.indexAt(scroller.scrollTop - base());
		const key = keys[index];
		anchor = key === undefined ? undefined : { key, below: scroller.scrollTop - base() - heights.topOf(index) };
	}

	function place(): void {
		keys = items.map(({ key }) => key);
		heights.layOut(keys);
		list.style.height = `${base() + heights.total}px`;
		if (atEnd) {
			scroller.scrollTop = scroller.scrollHeight;
			return;
		}
		const index = anchor === undefined ? -1 : keys.indexOf(anchor.key);
		if (index < 0 || anchor === undefined) return;
		const top = base() + heights.topOf(index) + anchor.below;
		if (Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
	}

	function range(margin: number): [first: number, end: number] {
		const top = scroller.scrollTop - base();
		const first = heights.indexAt(top - margin);
		return [first, Math.min(items.length, heights.indexAt(top + scroller.clientHeight + margin) + 1)];
	}

	/** A row with the focus stays rendered, or the focus would be lost. */
	const isFocused = ({ element }: Row<Item>) => element.contains(document.activeElement);

	function draw(): void {
		const [first, end] = range(OVERSCAN);
		const byKey = new Map<string, number>();
		for (let index = first; index < end; index++) byKey.set(items[index]?.key ?? '', index);
		for (const [key, row] of rows) {
			if (byKey.has(key)) continue;
			const index = isFocused(row) ? items.findIndex((item) => item.key === key) : -1;
			if (index >= 0) byKey.set(key, index);
			else {
				row.element.remove();
				rows.delete(key);
			}
		}
		let next = list.firstElementChild;
		for (const [key, index] of [...byKey].sort(([, one], [, other]) => one - other)) {
			const item = items[index];
			if (item === undefined) continue;
			let row = rows.get(key);
			if (row === undefined) {
				row = { ...createRow(item), item };
				row.update(item);
				rows.set(key, row);
			} else if (row.item !== item) {
				row.item = item;
				row.update(item);
			}
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
		notifySeen();
	}

	function request(): void {
		if (frame === 0) frame = requestAnimationFrame(render);
	}

	// A scrolling element must be reachable with the keyboard.
	scroller.tabIndex = 0;
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
		scrollToEnd() {
			atEnd = true;
			request();
		},
		scrollTo(key) {
			const index = items.findIndex((item) => item.key === key);
			if (index < 0) return false;
			atEnd = false;
			anchor = { key, below: -scroller.clientHeight / 3 };
			request();
			return true;
		},
	};
}
