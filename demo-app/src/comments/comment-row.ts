import { element, isolated, textButton } from '../elements.ts';
import { setHidden } from '../focus.ts';
import { formatCount } from '../reaction-types.ts';
import type { ShownComment } from './comment-list.ts';
import { timeAgo } from './time-ago.ts';
import type { Row } from './virtual-list.ts';

/** The context and the actions of a row. */
export interface RowContext {
	readonly ownUser: string;
	/** Returns the comment that an answer names. */
	answered(id: string): ShownComment | undefined;
	isOnline(user: string): boolean;
	/** Whether the video has ended. */
	readonly isClosed: () => boolean;
	onReply(comment: ShownComment): void;
	onLike(comment: ShownComment): void;
	onDelete(comment: ShownComment): void;
	onRetry(comment: ShownComment): void;
	onDiscard(comment: ShownComment): void;
	onQuote(id: string): void;
}

/** Returns a hue from a name, the same in every browser. */
function hueOf(name: string): number {
	let hue = 0;
	for (const character of name) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % 360;
	return hue;
}

/** The length of a text in the names of its buttons. */
const NAMED_LENGTH = 40;

/** Returns the start of a text in one line, to distinguish the buttons of one author. */
function startOf(text: string): string {
	const characters = [...text.replace(/\s+/g, ' ')];
	return characters.length > NAMED_LENGTH ? `${characters.slice(0, NAMED_LENGTH).join('')} …` : characters.join('');
}

/** Creates a heart icon for a line of text. */
function heart(): SVGSVGElement {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
	path.setAttribute(
		'd',
		'M12 20.500C5.800 15.700 2.500 12.300 2.500 8.600a4.900 4.900 0 0 1 9.500-2 4.900 4.900 0 0 1 9.500 2c0 3.700-3.300 7.100-9.500 11.900Z',
	);
	svg.append(path);
	return svg;
}

/** Creates the row of a comment. It sets every text with `textContent`, never as HTML. */
export function createCommentRow(first: ShownComment, context: RowContext): Row<ShownComment> {
	let comment = first;
	const initial = isolated([...first.user][0]?.toUpperCase() ?? '?');
	const dot = element('span', 'dot');
	const avatar = element('span', 'avatar', initial, dot);
	avatar.style.setProperty('--hue', `${hueOf(first.user)}`);
	avatar.setAttribute('aria-hidden', 'true');
	const presence = element('span', 'unseen');
	const time = element('time', 'time');
	const by = element('p', 'by', isolated(first.user, 'name'), presence, time);
	const quoted = isolated('');
	const quoteText = element('span', 'quoted');
	quoteText.dir = 'auto';
	const quote = textButton('quote', '', () => comment.parent !== undefined && context.onQuote(comment.parent));
	quote.append(element('span', 'unseen', 'Answers '), quoted, ' ', quoteText);
	const text = element('p', 'text');
	// `dir=auto` isolates the paragraph like a bdi, so its text cannot change the direction of others.
	text.dir = 'auto';
	const count = element('span', 'likes');
	const like = textButton('act like', '', () => context.onLike(comment));
	like.append(heart(), count);
	const reply = textButton('act reply', 'Reply', () => context.onReply(comment));
	const remove = textButton('act delete', 'Delete', () => context.onDelete(comment));
	const retry = textButton('act strong', 'Send again', () => context.onRetry(comment));
	const discard = textButton('act', 'Discard', () => context.onDiscard(comment));
	const status = element('span', 'status');
	const acts = element('p', 'acts', status, like, reply, remove, retry, discard);
	const row = element('li', 'comment', avatar, element('div', 'body', quote, by, text, acts));
	// The focus goes to the row when the button with it is hidden, and when the row before it is removed.
	row.tabIndex = -1;

	function showQuote(): void {
		quote.hidden = comment.parent === undefined;
		if (comment.parent === undefined) return;
		const parent = context.answered(comment.parent);
		quoted.textContent = parent?.user ?? '';
		quoteText.textContent = parent?.text ?? 'an earlier comment';
	}

	function showActs(): void {
		const { state, user, likes, liked } = comment;
		const isStored = state === 'stored';
		const isOpen = isStored && !context.isClosed();
		status.textContent = state === 'sending' ? 'Sending …' : state === 'failed' ? 'Not sent.' : '';
		status.hidden = isStored;
		setHidden(like, !isStored, row);
		like.setAttribute('aria-disabled', `${context.isClosed()}`);
		like.setAttribute('aria-pressed', `${liked}`);
		count.textContent = likes > 0 ? formatCount(likes) : '';
		setHidden(reply, !isOpen, row);
		setHidden(remove, !isStored || user !== context.ownUser, row);
		for (const button of [retry, discard]) setHidden(button, state !== 'failed', row);
	}

	/** Names the comment in each button, since a screen reader also lists the buttons of all rows without their rows. */
	function nameActs(): void {
		const { user, likes } = comment;
		const start = startOf(comment.text);
		like.setAttribute('aria-label', `Like, ${formatCount(likes)} so far: ${user}, ${start}`);
		reply.setAttribute('aria-label', `Reply to ${user}, ${start}`);
		remove.setAttribute('aria-label', `Delete your comment, ${start}`);
		retry.setAttribute('aria-label', `Send again, ${start}`);
		discard.setAttribute('aria-label', `Discard, ${start}`);
	}

	return {
		element: row,
		update(next) {
			comment = next;
			row.dataset.state = comment.state;
			row.dataset.key = comment.key;
			row.classList.toggle('own', comment.user === context.ownUser);
			const isOnline = context.isOnline(comment.user);
			avatar.classList.toggle('online', isOnline);
			presence.textContent = isOnline ? ' (here now)' : '';
			text.textContent = comment.text;
			time.textContent = timeAgo(comment.at, Date.now());
			time.dateTime = new Date(comment.at).toISOString();
			time.title = new Date(comment.at).toLocaleString();
			showQuote();
			showActs();
			nameActs();
		},
	};
}
