import { setHidden } from '../focus.ts';
import type { CommentList, ShownComment } from './comment-list.ts';

/** The button over the list that counts the unread comments below, and goes to them. */
export interface UnreadButton {
	/** Marks all stored comments as read. */
	markRead(): void;
	/** Shows the count, or hides the button at the end of the list. */
	show(atEnd: boolean): void;
}

export interface UnreadButtonOptions {
	readonly button: HTMLButtonElement;
	/** The element that gets the focus of the button when it is hidden. */
	readonly scroller: HTMLElement;
	readonly comments: CommentList;
	readonly ownUser: string;
	readonly onClick: () => void;
}

export function createUnreadButton(options: UnreadButtonOptions): UnreadButton {
	const { button, scroller, comments, ownUser, onClick } = options;
	/** The newest comment that was read. */
	let newestRead: ShownComment | undefined;

	button.addEventListener('click', onClick);
	return {
		markRead() {
			newestRead = comments.items.findLast(({ state }) => state === 'stored');
		},
		show(atEnd) {
			setHidden(button, atEnd || comments.items.length === 0, scroller);
			if (button.hidden) return;
			const unread = comments.storedAfter(newestRead).filter(({ user }) => user !== ownUser).length;
			button.textContent = unread === 0 ? 'To the newest' : `${unread} new`;
		},
	};
}
