import type { CommentEntry } from '../../comments/comment-list.ts';
import { make, setText } from '../base/dom.ts';
import type { Words } from '../base/texts.ts';

/** What a row may do, and what it has to know of the other rows. */
export interface RowContext {
	words(): Words;
	isOver(): boolean;
	/** Returns whether this viewer wrote the comment. */
	isOwn(comment: CommentEntry): boolean;
	mayDelete(comment: CommentEntry): boolean;
	isLiked(comment: CommentEntry): boolean;
	/** Returns the comment that an answer names by its id. */
	answered(id: string): CommentEntry | undefined;
	on(action: Action, comment: CommentEntry): void;
}

/** What a button of a row does. */
export type Action = 'like' | 'reply' | 'delete' | 'send-again' | 'discard';

/** A row of the list. */
export interface CommentRow {
	readonly element: HTMLLIElement;
	/** Shows a newer state of its comment. */
	update(comment: CommentEntry): void;
}

let rows = 0;

/** Creates the row of a comment. Each text of a user is text, never HTML. */
export function createCommentRow(context: RowContext): CommentRow {
	let comment: CommentEntry | undefined;
	const id = `comment-${++rows}`;
	const author = make('bdi', { part: 'author' });
	const time = make('time', { part: 'time' });
	const quote = make('p', { part: 'quote', dir: 'auto' });
	// `dir=auto` isolates the paragraph, so its text cannot change the direction of others.
	const text = make('p', { id, part: 'text', dir: 'auto' });
	const status = make('span', { part: 'status' });
	const count = make('span', { part: 'likes', 'aria-hidden': 'true' });

	/** A button that names the author and the comment: a screen reader lists buttons without what is around them. */
	function button(action: Action, ...children: Node[]): HTMLButtonElement {
		const made = make('button', { type: 'button', part: `action ${action}`, 'aria-describedby': id }, ...children);
		made.addEventListener('click', () => {
			if (comment !== undefined && made.getAttribute('aria-disabled') !== 'true') context.on(action, comment);
		});
		return made;
	}

	const heart = make('span', { 'aria-hidden': 'true', class: 'heart' });
	const like = button('like', heart, count);
	const reply = button('reply');
	const remove = button('delete');
	const retry = button('send-again');
	const discard = button('discard');
	const actions = make('div', { part: 'actions' }, status, like, reply, remove, retry, discard);
	const by = make('p', { part: 'by' }, author, ' ', time);
	const element = make('li', { part: 'comment', tabindex: '-1', 'aria-describedby': id }, by, quote, text, actions);

	function showLikes(shown: CommentEntry, user: string): void {
		const isLiked = context.isLiked(shown);
		let likes = 0;
		for (const total of Object.values(shown.likes ?? {})) likes += total;
		// The totals may not contain the like of this viewer yet.
		if (isLiked) likes = Math.max(1, likes);
		const words = context.words();
		setText(count, likes > 0 ? words.number(likes) : '');
		like.setAttribute('aria-label', words.text(isLiked ? 'liked-comment' : 'like-comment', { user, count: likes }));
		like.setAttribute('aria-disabled', String(isLiked || context.isOver()));
		like.dataset.liked = String(isLiked);
	}

	function label(made: HTMLButtonElement, name: string, user: string): void {
		setText(made, context.words().text(name));
		made.setAttribute('aria-label', context.words().text(`${name}-comment`, { user }));
	}

	function showQuote(parent: string | undefined): void {
		quote.hidden = parent === undefined;
		if (parent === undefined) return;
		const answered = context.answered(parent);
		const words = context.words();
		const shown = answered === undefined ? words.text('earlier-comment') : `${answered.user ?? ''}: ${answered.text}`;
		setText(quote, shown);
	}

	/** Hides or shows buttons. The focus of one that hides goes to the row. */
	function hide(isHidden: boolean, ...buttons: readonly HTMLButtonElement[]): void {
		const focused = (element.getRootNode() as ShadowRoot).activeElement;
		for (const each of buttons) {
			if (isHidden && each === focused) element.focus();
			each.hidden = isHidden;
		}
	}

	return {
		element,
		update(next) {
			comment = next;
			const words = context.words();
			const isSent = next.status === 'sent';
			const user = context.isOwn(next) && next.user === undefined ? words.text('you') : (next.user ?? '');
			element.dataset.status = next.status;
			element.part.toggle('own', context.isOwn(next));
			setText(author, user);
			setText(time, words.ago(next.at, Date.now()));
			time.dateTime = new Date(next.at).toISOString();
			time.title = words.date(next.at);
			setText(text, next.text);
			showQuote(next.parent);
			setText(status, isSent ? '' : words.text(next.status === 'failed' ? 'not-sent' : 'sending'));
			showLikes(next, user);
			label(reply, 'reply', user);
			label(remove, 'delete', user);
			label(retry, 'send-again', user);
			label(discard, 'discard', user);
			reply.setAttribute('aria-disabled', String(context.isOver()));
			hide(next.status !== 'failed', retry, discard);
			hide(!isSent, like, reply);
			hide(!isSent || !context.mayDelete(next), remove);
		},
	};
}
