import type { CommentEntry } from '../../comments/comment-list.ts';
import { type CommentRow, createCommentRow, type RowContext } from './comment-row.ts';

/** The rows of a list. */
export interface CommentRows {
	/** Shows the comments in this order; keeps the rows, and with them the focus and what is selected. */
	render(comments: readonly CommentEntry[]): void;
}

/** Renders comments into a list. `focusNext` takes the focus when the last row leaves with it. */
export function createCommentRows(list: HTMLOListElement, context: RowContext, focusNext: () => void): CommentRows {
	const rows = new Map<string, CommentRow>();

	/** Moves the focus from a row that leaves to a neighbour that stays. */
	function keepFocus(staying: ReadonlySet<string>): void {
		const focused = (list.getRootNode() as ShadowRoot).activeElement?.closest('li');
		const keys = [...rows.keys()];
		const place = keys.findIndex((key) => rows.get(key)?.element === focused);
		if (place < 0 || staying.has(keys[place] ?? '')) return;
		const next =
			keys.slice(place).find((key) => staying.has(key)) ?? keys.slice(0, place).findLast((key) => staying.has(key));
		const row = next === undefined ? undefined : rows.get(next);
		if (row === undefined) focusNext();
		else row.element.focus();
	}

	return {
		render(comments) {
			const staying = new Set(comments.map(({ key }) => key));
			keepFocus(staying);
			const root = list.getRootNode() as ShadowRoot;
			const focused = root.activeElement;
			for (const [key, row] of rows) {
				if (staying.has(key)) continue;
				row.element.remove();
				rows.delete(key);
			}
			let place = list.firstElementChild;
			for (const comment of comments) {
				const row = rows.get(comment.key) ?? createCommentRow(context);
				// The last entry of the map, so that the map has the order of the list.
				rows.delete(comment.key);
				rows.set(comment.key, row);
				if (row.element === place) place = place.nextElementSibling;
				else list.insertBefore(row.element, place);
				row.update(comment);
			}
			// A row that is moved loses the focus.
			if (focused instanceof HTMLElement && root.activeElement !== focused && list.contains(focused)) focused.focus();
		},
	};
}
